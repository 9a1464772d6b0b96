// Evaluation on the demo's pictures: the stamp, features that are kept and gone on with, references, and what is refused.
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keptNetworks } from '../../../../src/engine/devices/network-pool.ts'
import { encodePng } from '../../../../src/engine/images/index.ts'
import { openFile, readNpz, writeNpz } from '../../../../src/engine/bytes/index.ts'
import { runEvaluate } from '../../../../src/engine/runs/evaluation/evaluate.ts'
import { openExtractor } from '../../../../src/engine/runs/evaluation/open-extractor.ts'
import { openSetFeatures } from '../../../../src/engine/runs/evaluation/features.ts'
import { openImageSet } from '../../../../src/engine/runs/evaluation/image-set.ts'
import { releaseLock, takeLock } from '../../../../src/engine/records/folder-lock.ts'
import { readStamps } from '../../../../src/engine/records/stamps.ts'
import { runReference } from '../../../../src/engine/runs/evaluation/write-reference.ts'
import { metricWords } from '../../../../src/shared/figures/metric-words.ts'
import { openModels } from '../../../../src/engine/model-set/open-models.ts'
import type { EvaluateSpec, Stamp } from '../../../../src/shared/evaluation/evaluation.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { DEMO, OFFICIAL } from '../../models/run-graph.ts'

const CLASSES = 2
const EACH = 10
const folder = temporaryFolder()
const samples = join(folder.path, 'samples')
const real = join(folder.path, 'real')

beforeAll(() => {
  const classes = readdirSync('resources/demo/images').sort().slice(0, CLASSES)
  for (const name of classes) {
    const files = readdirSync(join('resources/demo/images', name)).sort()
    for (const [set, from] of [
      [samples, 0],
      [real, EACH],
    ] as const) {
      mkdirSync(join(set, name), { recursive: true })
      for (const file of files.slice(from, from + EACH))
        cpSync(join('resources/demo/images', name, file), join(set, name, file))
    }
  }
})

const networks = keptNetworks()
const callbacks = (signal = new AbortController().signal) => ({ signal, progress: () => {}, networks })
afterAll(() => networks.close())

const spec = (changes: Partial<EvaluateSpec>): EvaluateSpec => ({
  kind: 'evaluate',
  model: DEMO,
  device: 'cpu',
  out: join(folder.path, 'out'),
  images: samples,
  reference: real,
  protocol: 'dinov2',
  confidence: false,
  perClass: false,
  ...changes,
})

let made = 0
async function evaluated(changes: Partial<EvaluateSpec>): Promise<Stamp> {
  const asked = spec({ out: join(folder.path, `out-${made++}`), ...changes })
  await runEvaluate(asked, callbacks())
  return (await readStamps(join(asked.out, 'metrics.jsonl'))).at(-1)!
}

describe('the demo with its own encoder', () => {
  let stamp: Stamp
  beforeAll(async () => void (stamp = await evaluated({ perClass: true, out: join(folder.path, 'out') })))

  test('has every number of the protocol and its origin', () => {
    const { results, extractor, reference, settings } = stamp
    expect(Object.keys(results)).toEqual([
      'frechet_dinov2_distance',
      'kernel_dinov2_distance_mean',
      'precision',
      'recall',
      'f_score',
    ])
    expect(results.frechet_dinov2_distance).toBeGreaterThan(0)
    expect(settings).toEqual({
      kid_subsets: 1,
      kid_subset_size: 20,
      kid_seed: 2020,
      prc_neighborhood: 3,
      classes: 'by folder name',
    })
    expect(extractor.sha256).toMatch(/^[0-9a-f]{64}$/)
    // 192 wide: not one of the published networks, so that nothing is called DINOv2.
    expect(extractor.network).toBe('6-block ViT')
    expect(metricWords('frechet_dinov2_distance', stamp)).toBe('FD (6-block ViT)')
    expect(metricWords('kernel_dinov2_distance_mean', stamp)).toBe('KD (6-block ViT)')
    expect(stamp.badges).toContain("features of the tokenizer's own encoder")
    expect(stamp.samples).toMatchObject({ n: CLASSES * EACH, crop: 'as they are' })
    expect(reference).toMatchObject({ kind: 'images', n: CLASSES * EACH })
    expect(stamp.samples.sha256).not.toBe(reference.sha256)
    expect(stamp.badges[0]).toBe('n = 20: published values use 50,000 samples')
    expect(stamp.badges).toContain("KD uses subsets of 20 images instead of the protocol's 1000")
  })

  test('has an error of every result but the distance, which needs more images', () => {
    const { results, errors } = stamp
    expect(Object.keys(errors!)).toEqual(['kernel_dinov2_distance_mean', 'precision', 'recall'])
    for (const [name, { error, low, high, method }] of Object.entries(errors!)) {
      // A share of 1 has an error of 0 and an interval of some width.
      expect(error).toBeGreaterThanOrEqual(0)
      expect(high).toBeGreaterThan(low)
      expect(low).toBeLessThanOrEqual(results[name]!)
      expect(high).toBeGreaterThanOrEqual(results[name]!)
      expect(method).not.toBe('')
    }
    // Both sets are one subset: their spread is unknown, not 0.
    expect(results).not.toHaveProperty('kernel_dinov2_distance_std')
  })

  test('has numbers for each class', () => {
    expect(stamp.perClass!.map(({ class: label, n }) => [label, n])).toEqual([
      [0, EACH],
      [1, EACH],
    ])
    for (const { distance, precision } of stamp.perClass!) {
      // 10 real images of a class are too few to be both sides.
      expect(distance).toBeUndefined()
      expect(precision).toBeGreaterThanOrEqual(0)
    }
    const mean = stamp.perClass!.reduce((sum, { precision }) => sum + precision! / CLASSES, 0)
    expect(mean).toBeCloseTo(stamp.results.precision!, 12)
  })

  test('are the same for folders named by their numbers and a batch with these numbers', async () => {
    const numbered = join(folder.path, 'numbered')
    const [rgb, labels]: [Uint8Array[], number[]] = [[], []]
    let side = 0
    for (const [i, name] of readdirSync(real).sort().entries())
      cpSync(join(real, name), join(numbered, ['2', '10'][i]!), { recursive: true })
    for await (const image of (await openImageSet(samples)).images()) {
      labels.push(rgb.length < EACH ? 2 : 10)
      rgb.push(image.rgb)
      side = image.width
    }
    const path = join(folder.path, 'numbered.npz')
    await writeNpz(path, {
      arr_0: { data: Uint8Array.from(Buffer.concat(rgb)), shape: [rgb.length, side, side, 3] },
      arr_1: { data: Int32Array.from(labels) },
    })
    const { perClass, settings } = await evaluated({ images: path, reference: numbered, perClass: true })
    expect(settings.classes).toBe('by class number')
    expect(stamp.settings.classes).toBe('by folder name')
    expect(perClass!.map(({ class: label }) => label)).toEqual([2, 10])
    expect(perClass!.map(({ precision }) => precision)).toEqual(
      stamp.perClass!.map(({ precision }) => precision),
    )
  })

  test('of samples without classes has no numbers for each class, and a note', async () => {
    const flat = join(samples, readdirSync(samples).sort()[0]!)
    const { perClass, badges } = await evaluated({ images: flat, perClass: true })
    expect(perClass).toBeUndefined()
    expect(badges).toContain(`values of each class: ${flat} has no classes`)
  })

  test('the same request measures nothing; other settings give the same numbers in a new line', async () => {
    const { summary } = await runEvaluate(spec({ perClass: true }), callbacks())
    expect(summary).toMatch(/^\d+ images were measured before; /)
    expect(await readStamps(join(folder.path, 'out/metrics.jsonl'))).toHaveLength(1)
    const again = await evaluated({ out: join(folder.path, 'out') })
    expect(again.results).toEqual(stamp.results)
    expect(await readStamps(join(folder.path, 'out/metrics.jsonl'))).toHaveLength(2)
  })

  test('gives the same distance, precision and recall with a reference file', async () => {
    const out = join(folder.path, 'reference.npz')
    await runReference(
      { kind: 'reference', model: DEMO, device: 'cpu', out, images: real, protocol: 'dinov2', keep: 100 },
      callbacks(),
    )
    const { results, reference } = await evaluated({ reference: out })
    expect(results.frechet_dinov2_distance).toBeCloseTo(stamp.results.frechet_dinov2_distance!, 9)
    expect([results.precision, results.recall]).toEqual([stamp.results.precision, stamp.results.recall])
    expect(reference.sha256).toBe(createHash('sha256').update(readFileSync(out)).digest('hex'))
    const sidecar = JSON.parse(readFileSync(join(folder.path, 'reference.json'), 'utf8'))
    expect(sidecar).toMatchObject({ images: { n: 20 }, kept: { n: 20, seed: 0 }, sha256: reference.sha256 })
  })

  test('has no KID and no precision with statistics only, and notes for both', async () => {
    const source = await openFile(join(folder.path, 'reference.npz'))
    const arrays = await readNpz(source, ['mu', 'sigma'])
    await source.close()
    const path = join(folder.path, 'statistics.npz')
    await writeNpz(path, {
      mu: { data: Float32Array.from(arrays.get('mu')!.data, Number) },
      sigma: {
        data: Float32Array.from(arrays.get('sigma')!.data, Number),
        shape: arrays.get('sigma')!.shape,
      },
    })
    const { results, badges, reference } = await evaluated({ reference: path })
    expect(Object.keys(results)).toEqual(['frechet_dinov2_distance'])
    // float32 statistics: seven digits, and the roots of small eigenvalues halve them.
    const distance = stamp.results.frechet_dinov2_distance!
    expect(Math.abs(results.frechet_dinov2_distance! - distance) / distance).toBeLessThan(1e-3)
    expect(badges).toContain('KD: the reference has no images')
    expect(badges).toContain('precision and recall: the reference has no images')
    expect(reference).toMatchObject({ kind: 'statistics', crop: 'unknown' })
  })
})

describe('features', () => {
  const open = async (cache: string, signal?: AbortSignal) => {
    const models = await openModels([DEMO])
    const extractor = await openExtractor('dinov2', models, 'cpu')
    const set = await openImageSet(samples)
    let first: number | undefined
    const progress = (step: number) => void (first ??= step)
    try {
      const features = await openSetFeatures(set, extractor, { ...callbacks(signal), progress }, cache)
      const rows = await features.layers.features!.read(0, set.count)
      await features.close()
      return { rows, first, sha256: features.sha256 }
    } finally {
      await extractor.close()
      await models.close()
    }
  }

  test('are identical after a stop and a resume, and then come from the cache', async () => {
    const whole = await open(join(folder.path, 'cache-whole'))
    expect(whole.first).toBe(0)
    const cache = join(folder.path, 'cache-stopped')
    const controller = new AbortController()
    const stopping = (async () => {
      const models = await openModels([DEMO])
      const extractor = await openExtractor('dinov2', models, 'cpu')
      const set = await openImageSet(samples)
      const progress = (step: number) => void (step >= 16 && controller.abort(new Error('stopped')))
      try {
        await openSetFeatures(set, extractor, { ...callbacks(controller.signal), progress }, cache)
      } finally {
        await extractor.close()
        await models.close()
      }
    })()
    await expect(stopping).rejects.toThrow('stopped')
    // A row cut off by a killed process, and a layer that is ahead of the others.
    const name = join(cache, readdirSync(cache)[0]!, 'features.npy')
    writeFileSync(name, Buffer.concat([readFileSync(name), Buffer.alloc(1001, 7)]))
    const resumed = await open(cache)
    expect(resumed.first).toBe(16)
    expect(resumed.rows).toEqual(whole.rows)
    expect(resumed.sha256).toBe(whole.sha256)
    expect((await open(cache)).first).toBe(CLASSES * EACH)
    // A flipped byte in the features of image 18 and in the pixels of image 17.
    for (const [file, at] of [
      [name, readFileSync(name).length - (readFileSync(name).length - 128) / 10],
      [join(name, '../pixels.npy'), 128 + 17 * 32],
    ] as const) {
      const bytes = readFileSync(file)
      bytes[at]! ^= 64
      writeFileSync(file, bytes)
    }
    expect(await open(cache)).toEqual({ ...whole, first: 17 })
  })

  test('that another process computes are waited for, until cancelled', async () => {
    const cache = join(folder.path, 'cache-whole')
    await open(cache)
    const lock = join(cache, readdirSync(cache)[0]!, '.lock')
    await takeLock(lock)
    const stop = new AbortController()
    const notes: string[] = []
    const models = await openModels([DEMO])
    const extractor = await openExtractor('dinov2', models, 'cpu')
    const set = await openImageSet(samples)
    const ask = (signal: AbortSignal) =>
      openSetFeatures(set, extractor, { signal, progress: (_, __, note) => void notes.push(note) }, cache)
    try {
      const cancelled = ask(stop.signal)
      await expect.poll(() => notes.at(-1)).toMatch(/^another process is computing dinov2 features of /)
      stop.abort(new Error('stopped'))
      await expect(cancelled).rejects.toThrow('stopped')
      const waited = ask(new AbortController().signal)
      await releaseLock(lock)
      await (await waited).close()
    } finally {
      await extractor.close()
      await models.close()
    }
  })
})

describe('refused', () => {
  test('images of mixed sizes, by name; with --size they are cropped', async () => {
    const mixed = join(folder.path, 'mixed')
    cpSync(samples, mixed, { recursive: true })
    const odd = await encodePng({ rgb: new Uint8Array(64 * 60 * 3), width: 64, height: 60 })
    writeFileSync(join(mixed, readdirSync(mixed)[1]!, 'zzz.png'), odd)
    await expect(runEvaluate(spec({ images: mixed }), callbacks())).rejects.toThrow(
      /mixed: image sizes differ: (\d+) x \1 \(20 images\), 64 x 60 \(1, the first is .*zzz\.png\); use --size to resize and crop them all/,
    )
    const { samples: told } = await evaluated({ images: mixed, size: 64 })
    expect(told).toMatchObject({ n: 21, crop: 'Resize(64, bicubic) + CenterCrop(64), PIL' })
  })

  test.each<[string, Partial<EvaluateSpec>, RegExp]>([
    ['no images', { images: join(OFFICIAL, 'config') }, /no images found in/],
    ['Inception without its weights', { protocol: 'adm' }, /weights-inception-2015-12-05-6726825d\.pth/],
    [
      'weights of another network',
      { protocol: 'adm', inception: join(OFFICIAL, 'models/vqgan_jax_strongaug.ckpt') },
      /vqgan_jax_strongaug\.ckpt: not the Inception-v3/,
    ],
  ])('%s', async (_, changes, message) => {
    await expect(runEvaluate(spec(changes), callbacks())).rejects.toThrow(message)
  })

  test('statistics of other dimensions, of odd shapes, with NaN, and without sigma', async () => {
    const attempt = async (arrays: Parameters<typeof writeNpz>[1]) => {
      const path = join(folder.path, 'odd.npz')
      await writeNpz(path, arrays)
      return runEvaluate(spec({ reference: path }), callbacks())
    }
    const mu = { data: new Float64Array(4) }
    const sigma = { data: new Float64Array(16), shape: [4, 4] }
    await expect(attempt({ mu, sigma })).rejects.toThrow(
      /odd\.npz: wrong dimensions for dinov2 features \(found 4, expected \d+\)/,
    )
    await expect(attempt({ mu, sigma: { ...sigma, shape: [2, 8] } })).rejects.toThrow(
      'odd.npz: wrong shapes: mu [4], sigma [2, 8] (expected [D] and [D, D])',
    )
    const nan = { data: Float64Array.of(0, 1, NaN, 2) }
    await expect(attempt({ mu: nan, sigma })).rejects.toThrow('odd.npz: mu contains NaN at element 2')
    await expect(attempt({ mu })).rejects.toThrow('odd.npz: array mu without sigma')
  })

  test('a batch that is cut off, of another type, and without images', async () => {
    const path = join(folder.path, 'batch.npz')
    await writeNpz(path, { arr_0: { data: new Uint8Array(5 * 8 * 8 * 3), shape: [5, 8, 8, 3] } })
    writeFileSync(path, readFileSync(path).subarray(0, 700))
    await expect(runEvaluate(spec({ images: path }), callbacks())).rejects.toThrow(/batch\.npz: /)
    await writeNpz(path, { arr_0: { data: new Float32Array(48), shape: [1, 4, 4, 3] } })
    await expect(runEvaluate(spec({ images: path }), callbacks())).rejects.toThrow(
      /arr_0 is f32 \[1, 4, 4, 3\] \(expected u8 \[images, height, width, 3\]\)/,
    )
    await writeNpz(path, { other: { data: new Float32Array(4) } })
    await expect(runEvaluate(spec({ images: path }), callbacks())).rejects.toThrow(/array arr_0 is missing/)
  })
})

test('an ADM batch of the same images has the same pixels, and its labels', async () => {
  const set = await openImageSet(samples)
  const rgb: Uint8Array[] = []
  for await (const image of set.images()) rgb.push(image.rgb)
  const path = join(folder.path, 'samples.npz')
  const side = Math.sqrt(rgb[0]!.length / 3)
  await writeNpz(path, {
    arr_0: { data: Uint8Array.from(Buffer.concat(rgb)), shape: [set.count, side, side, 3] },
    arr_1: { data: BigInt64Array.from(set.classes!, BigInt) },
  })
  const [folderStamp, batchStamp] = [await evaluated({}), await evaluated({ images: path })]
  expect(batchStamp.samples.sha256).toBe(folderStamp.samples.sha256)
  expect(batchStamp.results).toEqual(folderStamp.results)
  expect((await openImageSet(path)).classes).toEqual(set.classes)
})
