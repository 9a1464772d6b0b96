// Evaluation with Inception-v3 from a file: torch-fidelity's features for its own images, and both of its protocols.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { openFile, readNpy, readNpz, writeNpz, type NpyArray } from '../../../../src/engine/bytes/index.ts'
import { cacheFolder } from '../../../../src/engine/model-set/cache.ts'
import { runEvaluate } from '../../../../src/engine/runs/evaluation/evaluate.ts'
import { readStamps } from '../../../../src/engine/records/stamps.ts'
import { runReference } from '../../../../src/engine/runs/evaluation/write-reference.ts'
import { importModels } from '../../../../src/engine/model-set/open-models.ts'
import type { EvaluateSpec, Stamp } from '../../../../src/shared/evaluation/evaluation.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { writeInception } from '../../models/inception-weights.ts'
import { DEMO, maxDifference } from '../../models/run-graph.ts'

const folder = temporaryFolder()
const weights = join(folder.path, 'weights-inception-2015-12-05-6726825d.safetensors')
const samples = join(folder.path, 'samples.npz')
const real = join(folder.path, 'real.npz')
const SIDE = 256
const IMAGE = SIDE * SIDE * 3
let expected: Map<string, NpyArray>

beforeAll(async () => {
  await writeInception(weights)
  const source = await openFile(join(import.meta.dirname, '../../../fixtures/inception/inception.npz'))
  expected = await readNpz(source)
  await source.close()
  const images = expected.get('images_u8')!.data as Uint8Array
  // Three images have two neighbours: precision needs three of them, so the samples are taken twice.
  const twice = Uint8Array.from([...images, ...images])
  await writeNpz(samples, { arr_0: { data: twice, shape: [6, SIDE, SIDE, 3] } })
  // Real images: the same, darker, and one more.
  const darker = Uint8Array.from([...images, ...images.subarray(0, IMAGE)], (level) => level >> 1)
  await writeNpz(real, { arr_0: { data: darker, shape: [4, SIDE, SIDE, 3] } })
})

const callbacks = { signal: new AbortController().signal, progress: () => {} }
async function evaluated(changes: Partial<EvaluateSpec>): Promise<Stamp> {
  const spec: EvaluateSpec = {
    kind: 'evaluate',
    model: DEMO,
    device: 'cpu',
    inception: weights,
    out: join(folder.path, 'out'),
    images: samples,
    reference: real,
    protocol: 'adm',
    confidence: false,
    perClass: false,
    ...changes,
  }
  await runEvaluate(spec, callbacks)
  return (await readStamps(join(spec.out, 'metrics.jsonl'))).at(-1)!
}

test('the file is recognized', async () => {
  const { files } = await importModels([weights])
  expect(files.map(({ kind, summary }) => [kind, summary])).toEqual([
    ['inception', 'Inception-v3 (2015) for FID and IS, fp32'],
  ])
})

describe('the ADM protocol', () => {
  let stamp: Stamp
  let before: ReadonlySet<string>
  beforeAll(async () => {
    before = new Set(readdirSync(cacheFolder()))
    stamp = await evaluated({})
  })

  test('has its metrics', () => {
    expect(Object.keys(stamp.results)).toEqual([
      'frechet_inception_distance',
      'spatial_frechet_inception_distance',
      'inception_score_mean',
      'precision',
      'recall',
      'f_score',
    ])
    expect(stamp.settings).toEqual({ isc_splits: 'of 5000, in order', prc_neighborhood: 3 })
    expect(stamp.badges).toContain('n = 6 samples for 2048 dimensions: the covariance is rank-deficient')
  })

  test("leaves torch-fidelity's features in the cache as complete .npy files", async () => {
    const made = readdirSync(cacheFolder()).filter((name) => !before.has(name) && /^features-/.test(name))
    const sets = await Promise.all(
      made.map(async (name) => {
        const source = await openFile(join(cacheFolder(), name, 'features.npy'))
        const array = await readNpy(source)
        await source.close()
        return { name, array }
      }),
    )
    const { name } = sets.find(({ array }) => array.shape[0] === 6)!
    for (const [layer, key] of [
      ['features', 'out_2048'],
      ['logits', 'out_logits_unbiased'],
      ['spatial', 'spatial'],
    ] as const) {
      const source = await openFile(join(cacheFolder(), name, `${layer}.npy`))
      const { data } = await readNpy(source)
      await source.close()
      const wanted = Array.from(expected.get(key)!.data, Number)
      const largest = Math.max(...wanted.map(Math.abs))
      expect(maxDifference(Array.from(data.slice(0, wanted.length), Number), wanted) / largest).toBeLessThan(
        1e-4,
      )
    }
  })

  test('gives the same distances with a reference file of the same images', async () => {
    const out = join(folder.path, 'reference.npz')
    await runReference(
      {
        kind: 'reference',
        model: DEMO,
        device: 'cpu',
        inception: weights,
        out,
        images: real,
        protocol: 'adm',
        keep: 4,
      },
      callbacks,
    )
    const source = await openFile(out)
    const arrays = await readNpz(source)
    await source.close()
    expect([...arrays].map(([name, { type, shape }]) => [name, type, shape])).toEqual([
      ['arr_0', 'u8', [4, SIDE, SIDE, 3]],
      ['mu', 'f64', [2048]],
      ['sigma', 'f64', [2048, 2048]],
      ['mu_s', 'f64', [2023]],
      ['sigma_s', 'f64', [2023, 2023]],
    ])
    const { results } = await evaluated({ reference: out })
    for (const [name, value] of Object.entries(stamp.results))
      expect(Math.abs(results[name]! - value)).toBeLessThan(1e-9 * Math.max(1, Math.abs(value)))
  })
})

test('the torch-fidelity protocol reports what is missing for too few images', async () => {
  const { results, badges } = await evaluated({ protocol: 'torch-fidelity' })
  expect(results.frechet_inception_distance).toBeGreaterThan(0)
  expect(results.inception_score_mean).toBeUndefined()
  expect(badges).toContain('Inception Score: cannot divide 6 images into 10 splits')
})
