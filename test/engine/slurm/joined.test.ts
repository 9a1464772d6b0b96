// Every kind of submission, its tasks run one after another without SLURM: the same bytes and numbers as one process.
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { encodeNpy, isPackName, packedNames, readStored } from '../../../src/engine/bytes/index.ts'
import { keptNetworks } from '../../../src/engine/devices/network-pool.ts'
import { cacheFolder } from '../../../src/engine/model-set/cache.ts'
import { readDatasetRecord } from '../../../src/engine/records/token-dataset.ts'
import { readStamps, METRICS_FILE } from '../../../src/engine/records/stamps.ts'
import { runEvaluate } from '../../../src/engine/runs/evaluation/evaluate.ts'
import { runKMeans } from '../../../src/engine/runs/kmeans/kmeans.ts'
import { runReconstruct } from '../../../src/engine/runs/reconstruct.ts'
import { runSample } from '../../../src/engine/runs/sample.ts'
import { recordSweep, runSweep } from '../../../src/engine/runs/sweep/sweep.ts'
import { runTokenize } from '../../../src/engine/runs/tokenize.ts'
import { runTask } from '../../../src/engine/slurm/run-task.ts'
import { everyTask } from '../../../src/engine/slurm/script.ts'
import { saveSubmission } from '../../../src/engine/slurm/submission-folder.ts'
import { planSubmission } from '../../../src/engine/slurm/submit.ts'
import type { EvaluateSpec } from '../../../src/shared/evaluation/evaluation.ts'
import type { KMeansSpec, RunSpec, SampleSpec, SweepSpec } from '../../../src/shared/run/run.ts'
import { demoClassFolder, DEMO_CLASSES } from '../../demo.ts'
import { QUICK } from '../../quick-request.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { GENERATORS } from '../models/generators/fixture.ts'
import { DEMO } from '../models/run-graph.ts'

const folder = temporaryFolder()
const networks = keptNetworks()
const callbacks = { signal: new AbortController().signal, progress: () => {}, networks }
afterAll(() => networks.close())
const at = (name: string) => join(folder.path, name)

const sample = (out: string, count: number): SampleSpec => ({
  kind: 'sample',
  ...QUICK,
  model: DEMO,
  out: at(out),
  batchSize: 2,
  count,
  shards: 1,
  shard: 0,
})
const evaluate = (out: string, reference: string): EvaluateSpec => ({
  kind: 'evaluate',
  model: DEMO,
  device: 'cpu',
  out: at(out),
  images: at(out),
  reference,
  protocol: 'dinov2',
  confidence: false,
  perClass: false,
})

/** A folder of some pictures. */
function reference(count: number): string {
  const folder = at(`reference-${count}`)
  mkdirSync(folder, { recursive: true })
  for (const path of picturesOf(demoClassFolder(1)).slice(0, count))
    cpSync(path, join(folder, basename(path)), { preserveTimestamps: true })
  return folder
}

/** Runs the tasks of a submission in the order in which SLURM may start them. */
async function submitted(specs: readonly RunSpec[], shards: number): Promise<void> {
  const { submission, folder } = planSubmission({ specs, placement: { shards } })
  await saveSubmission(folder, submission)
  for (const phase of submission.phases)
    // The last first: no task needs another of its phase.
    for (const task of everyTask(phase).reverse()) await runTask(folder, phase.name, task, callbacks)
}

/** The files of a folder, packed or not, but for those of shards and of times. */
async function contents(name: string): Promise<Record<string, string>> {
  const root = at(name)
  const own = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => relative(root, join(root, file)))
    .filter((file) => !/^slurm|(^|\/)(run|sweep|kmeans|dataset)[^/]*\.json$|metrics\.jsonl$/.test(file))
    .filter((file) => statSync(join(root, file)).isFile())
  const packs = new Set(own.filter((file) => isPackName(basename(file))).map((file) => dirname(file)))
  const files = own.filter((file) => !isPackName(basename(file)))
  for (const folder of packs)
    files.push(...(await packedNames(join(root, folder))).map((file) => join(folder, file)))
  const digests: Record<string, string> = {}
  for (const file of files.sort()) digests[file] = digestOf(await readStored(join(root, file)))
  return digests
}

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** So that nothing is known of another run. */
function forgetFeatures(): void {
  for (const name of readdirSync(cacheFolder()))
    if (name.startsWith('features-')) rmSync(join(cacheFolder(), name), { recursive: true })
}

const numbersOf = async (name: string) =>
  (await readStamps(join(at(name), METRICS_FILE))).map(({ results, samples, reference }) => ({
    results,
    pixels: [samples.sha256, reference.sha256],
  }))

describe('images', () => {
  it('sampled in shards, packed, and measured are those of one process, to the bit', async () => {
    const [whole, parts] = ['sampled', 'sampled-parts']
    // More than an extractor takes at once.
    await runSample(sample(whole, 9), callbacks)
    await runEvaluate(evaluate(whole, reference(9)), callbacks)
    forgetFeatures()
    const packed = { ...sample(parts, 9), pack: true }
    await submitted([packed, evaluate(parts, reference(9))], 3)
    expect(readdirSync(join(at(parts), 'images'))).toEqual(
      [0, 1, 2].map((shard) => `images-shard-${shard}-of-3-0000.tar`),
    )
    expect(await contents(parts)).toEqual(await contents(whole))
    expect(Object.keys(await contents(whole))).toContain('tokens.npz')
    const [measured] = await numbersOf(whole)
    expect(measured!.results.frechet_dinov2_distance).toBeGreaterThan(0)
    expect(await numbersOf(parts)).toEqual([measured])
  })

  it('reconstructed in shards are those of one process', async () => {
    const { count: _c, classes: _k, shards: _n, shard: _i, stage1Sampling: _s, ...rest } = sample('', 1)
    const images = picturesOf(demoClassFolder(0)).slice(0, 3)
    const one = { kind: 'reconstruct', device: 'cpu', images } as const
    const spec = (out: string) => ({ ...rest, ...one, out: at(out) })
    await runReconstruct(spec('reconstructed'), callbacks)
    await submitted([spec('reconstructed-parts')], 2)
    expect(await contents('reconstructed-parts')).toEqual(await contents('reconstructed'))
  })
})

const picturesOf = (folder: string) =>
  readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))

it('a sweep in more shards than cells, and in fewer, gives the table of one process', async () => {
  const spec = (out: string): SweepSpec => ({
    kind: 'sweep',
    out: at(out),
    base: { ...sample(out, 2), out: at(out) },
    axes: [{ name: 'temperature', values: [0.5, 1] }],
    measure: { reference: reference(2), protocol: 'dinov2' },
  })
  await runSweep(spec('swept'), callbacks)
  for (const shards of [1, 4]) {
    const name = `swept-${shards}`
    await recordSweep(spec(name))
    forgetFeatures()
    await submitted([spec(name)], shards)
    expect(await contents(name)).toEqual(await contents('swept'))
  }
})

it.each([
  ['DiGIT', { model: DEMO }, DEMO_CLASSES.length, 256],
  // Ten layers of different sizes; of five tasks one has no picture.
  ['VAR', { model: join(GENERATORS, 'var'), tokenizer: { name: 'var' } }, 3, 680],
])(
  'pictures tokenized by %s in shards give the same rows, files and order, with unreadable ones',
  async (name, models, count, length) => {
    const images = at(`pictures-${name}`)
    for (let label = 0; label < count; label++)
      folder.copy(`pictures-${name}/${label}/0.png`, picturesOf(demoClassFolder(label))[0]!)
    folder.write(`pictures-${name}/1/broken.png`, 'no picture')
    const spec = (out: string) => ({
      kind: 'tokenize' as const,
      ...models,
      out: at(out),
      device: 'cpu' as const,
      batchSize: count > 3 ? 3 : 1,
      weightBits: 32 as const,
      images: [images],
    })
    const [whole, parts] = [`tokenized-${name}`, `tokenized-${name}-parts`]
    await runTokenize(spec(whole), callbacks)
    await submitted([spec(parts)], 5)
    expect(await contents(parts)).toEqual(await contents(whole))
    expect(Object.keys(await contents(whole))).toContain('unreadable.txt')
    const [error, joined] = await Promise.all([whole, parts].map((out) => readDatasetRecord(at(out))))
    expect(joined!.quantisationError).toEqual(error!.quantisationError)
    const lines = readFileSync(join(at(parts), 'codes.codecs'), 'utf8')
      .trim()
      .split('\n')
    expect(lines.map((line) => line.split(' ').length)).toEqual(new Array<number>(count).fill(length))
  },
)

describe('K-Means', () => {
  const spec = (out: string, images: readonly string[], k: number): KMeansSpec => ({
    kind: 'kmeans',
    model: DEMO,
    out: at(out),
    device: 'cpu',
    batchSize: 8,
    images: [...images],
    k,
    iterations: 2,
    restarts: 2,
    maxPointsPerCentroid: 18,
    seed: 3,
    pictures: 1,
    patches: 0.25,
    augment: true,
  })
  const codebook = (name: string, k: number) => readFileSync(at(`${name}/km_${k}.npy`))

  it('of pictures in shards gives the same features and centroids', async () => {
    const own = [...DEMO_CLASSES.keys()].flatMap((label) => picturesOf(demoClassFolder(label)))
    // One more than a file of features has: some of the pictures twice.
    const pictures = own.concat(own.map((path, i) => folder.copy(`copies/${i}.png`, path))).slice(0, 65)
    const once = (out: string) => ({ ...spec(out, pictures, 32), iterations: 1, restarts: 1 })
    await runKMeans(once('clusters'), callbacks)
    await submitted([once('clusters-parts')], 3)
    const features = async (name: string) =>
      Object.entries(await contents(name)).filter(([file]) => file.startsWith('features/'))
    expect(await features('clusters-parts')).toEqual(await features('clusters'))
    expect((await features('clusters')).length).toBeGreaterThan(1)
    expect(codebook('clusters-parts', 32)).toEqual(codebook('clusters', 32))
  })

  it('of float16 features in several blocks gives the same centroids to the bit', async () => {
    const [points, width, k] = [20_000, 8, 960]
    // Bits of half floats from -4 to 4, two's exponents included.
    let state = 1
    const data = Uint16Array.from({ length: points * width }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return ((state >>> 16) & 0x83ff) | (((state >>> 8) % 17) << 10)
    })
    const path = folder.write('features.npy', encodeNpy({ data, shape: [points, width], type: 'f16' }))
    await runKMeans(spec('halves', [path], k), callbacks)
    await submitted([spec('halves-parts', [path], k)], 2)
    expect(codebook('halves-parts', k)).toEqual(codebook('halves', k))
    const report = (name: string) =>
      JSON.parse(readFileSync(at(`${name}/kmeans.json`), 'utf8')) as {
        report: { objective: number; best: number }
      }
    const [whole, parts] = [report('halves').report, report('halves-parts').report]
    expect(parts.best).toBe(whole.best)
    // The order of a sum of 17,280 float32 distances: at most 17,280 x 2^-53 of it.
    expect(Math.abs(parts.objective / whole.objective - 1)).toBeLessThan(2e-12)
  })
})
