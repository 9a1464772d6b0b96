// C_T and AuthPct of pictures of the demo, from folders to the stamp, against NumPy and SciPy on the same features
// (tools/metrics/data_copying.py).
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { encodeNpy } from '../../../../src/engine/bytes/index.ts'
import { openModels } from '../../../../src/engine/model-set/open-models.ts'
import { readStamps } from '../../../../src/engine/records/stamps.ts'
import { runEvaluate } from '../../../../src/engine/runs/evaluation/evaluate.ts'
import { openSetFeatures } from '../../../../src/engine/runs/evaluation/features.ts'
import { openImageSet } from '../../../../src/engine/runs/evaluation/image-set.ts'
import { openExtractor } from '../../../../src/engine/runs/evaluation/open-extractor.ts'
import type { Stamp } from '../../../../src/shared/evaluation/evaluation.ts'
import { stampMethods } from '../../../../src/shared/figures/paper/stamp-methods.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { DEMO } from '../../models/run-graph.ts'

/** The whole demo: a part of it has too few pictures for a cell. */
const PICTURES = 'resources/demo/images'
const folder = temporaryFolder()
const SETS = ['training', 'held', 'samples'] as const
const path = (set: (typeof SETS)[number]) => join(folder.path, set)
const callbacks = { signal: new AbortController().signal, progress: () => {} }
let stamp: Stamp

/** Of two classes: 8 pictures for training, 8 others held out, 28 samples, 8 of which are training pictures. */
beforeAll(async () => {
  for (const name of readdirSync(PICTURES).sort().slice(0, 2)) {
    const pictures = readdirSync(join(PICTURES, name)).sort()
    const parts = {
      training: pictures.slice(0, 8),
      held: pictures.slice(8, 16),
      samples: [...pictures.slice(0, 8), ...pictures.slice(16, 36)],
    }
    for (const set of SETS) {
      mkdirSync(path(set), { recursive: true })
      parts[set].forEach((file, i) =>
        cpSync(join(PICTURES, name, file), join(path(set), `${name}-${100 + i}.png`)),
      )
    }
  }
  const out = join(folder.path, 'out')
  await runEvaluate(
    {
      kind: 'evaluate',
      model: DEMO,
      device: 'cpu',
      out,
      images: path('samples'),
      reference: path('training'),
      protocol: 'dinov2',
      confidence: false,
      perClass: false,
      isTrainingSet: true,
      heldOut: path('held'),
    },
    callbacks,
  )
  stamp = (await readStamps(join(out, 'metrics.jsonl')))[0]!
  if (process.env.DIGIT_FEATURES) await writeFeatures(process.env.DIGIT_FEATURES)
})

/** For the script. */
async function writeFeatures(to: string): Promise<void> {
  const models = await openModels([DEMO])
  const extractor = await openExtractor('dinov2', models, 'cpu')
  for (const set of SETS) {
    const { layers, close } = await openSetFeatures(await openImageSet(path(set)), extractor, callbacks)
    const { count, width, read } = layers.features!
    writeFileSync(join(to, `${set}.npy`), encodeNpy({ data: await read(0, count), shape: [count, width] }))
    await close()
  }
  await extractor.close()
  await models.close()
}

test('samples of which some are training pictures have the scores of NumPy and SciPy', () => {
  const { results, settings } = stamp
  expect(settings).toMatchObject({
    reference_is: 'the training set, as stated',
    held_out: 16,
    // The third has 7 samples.
    copying_cells: 2,
  })
  expect(results.data_copying_score).toBeCloseTo(-0.8791569148068193, 9)
  expect(results.authpct).toBeCloseTo(51.78571428571429, 9)
  expect(results.authpct_held_out).toBeCloseTo(62.5, 9)
})

test('both scores are defined and cited in the methods text', () => {
  const text = stampMethods(stamp)
  expect(text).toContain(
    'C_T is a z-score of the distances to training images, against those of held-out images',
  )
  expect(text).toContain('@inproceedings{meehan2020nonparametric,')
  expect(text).toContain('@inproceedings{alaa2022faithful,')
})
