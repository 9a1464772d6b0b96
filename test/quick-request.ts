// The smallest sampling of the demo: masked decoding in one step, a few images at a time.
import type { SampleRequest } from '../src/shared/run/run.ts'

export const QUICK: SampleRequest & { readonly device: 'cpu' } = {
  device: 'cpu',
  batchSize: 4,
  weightBits: 32,
  stage2: 'nar',
  stage1Sampling: { temperature: 1, topK: 200, topP: 0 },
  stage2Sampling: { temperature: 1, topK: 0, topP: 0 },
  masked: { steps: 1, choiceTemperature: 4.5 },
  seed: 0,
  count: 4,
  classes: [],
}
