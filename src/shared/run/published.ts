// The sampling settings of the release: scripts/sample.sh and the paper's appendix.
import type { Sampling, SampleRequest } from './run.ts'

export interface PublishedSampling {
  readonly stage1: Sampling
  readonly stage2: Sampling
  /** Of masked decoding. */
  readonly steps: number
  readonly choiceTemperature: number
}

/** Top-k of stage 1 depends on conditioning, stage 2 on its kind. */
export const publishedSampling = (
  conditional: boolean,
  stage2: SampleRequest['stage2'],
): PublishedSampling => ({
  stage1: { temperature: 1, topK: conditional ? 300 : 200, topP: 0 },
  stage2: { temperature: 1, topK: 0, topP: stage2 === 'ar' ? 0.8 : 0 },
  steps: 8,
  choiceTemperature: 4.5,
})
