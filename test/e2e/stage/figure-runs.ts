// Runs of the demo for figures, written into a workspace like the engine does.
import { join } from 'node:path'
import { demoFolder } from '../../../src/engine/model-set/resources.ts'
import { demoPicture } from '../../demo.ts'
import { runReconstruct } from '../../../src/engine/runs/reconstruct.ts'
import { runSample } from '../../../src/engine/runs/sample.ts'
import type { SampleSpec } from '../../../src/shared/run/run.ts'

const callbacks = { signal: new AbortController().signal, progress: () => {} }
const common = {
  model: demoFolder(),
  device: 'cpu',
  batchSize: 8,
  weightBits: 32,
  stage2: 'ar',
  seed: 3,
  stage2Sampling: { temperature: 1, topK: 0, topP: 0.8 },
  masked: { steps: 8, choiceTemperature: 4.5 },
} as const

export interface FigureRuns {
  /** Classes 0 to 3 in turn. */
  readonly classes: string
  readonly masked: string
  readonly pictures: string
}

/** `count` images by class, two masked, and two reconstructions. */
export async function makeFigureRuns(workspace: string, count = 8): Promise<FigureRuns> {
  const ids = {
    classes: '20261120-100000-aaaa',
    masked: '20261120-100500-bbbb',
    pictures: '20261120-101000-cccc',
  }
  const out = (id: string) => join(workspace, 'runs', id)
  const sample = async (id: string, fields: Partial<SampleSpec>) =>
    runSample(
      {
        kind: 'sample',
        ...common,
        count,
        classes: [],
        stage1Sampling: { temperature: 1, topK: 300, topP: 0 },
        shards: 1,
        shard: 0,
        out: out(id),
        ...fields,
      },
      callbacks,
    )
  await sample(ids.classes, { classes: [0, 2, 3, 6] })
  await sample(ids.masked, { count: 2, stage2: 'nar', stage2Sampling: { temperature: 1, topK: 0, topP: 0 } })
  const pictures = [0, 2].map((label) => demoPicture(label, 4))
  await runReconstruct(
    { kind: 'reconstruct', ...common, images: pictures, out: out(ids.pictures) },
    callbacks,
  )
  return ids
}
