// Every file of a cache, damaged: the work that uses it gives the same tokens and numbers, and the file is made again.
import { createHash } from 'node:crypto'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { openCheckpoint } from '../../src/engine/checkpoint/index.ts'
import { contiguousTensors } from '../../src/engine/model-set/tensor-cache.ts'
import { modelTensors } from '../../src/engine/models/tensors.ts'
import { textToRecord } from '../../src/engine/records/image-record.ts'
import { readStamps } from '../../src/engine/records/stamps.ts'
import { runEvaluate } from '../../src/engine/runs/evaluation/evaluate.ts'
import { runSample } from '../../src/engine/runs/sample.ts'
import { randomNumbers } from '../fuzz/mutate.ts'
import { DAMAGES } from './damage.ts'
import type { Outcome } from './faults.ts'

const TINY = resolve('test/fixtures/official-tiny')
const DEMO = resolve('resources/demo')
/** Of each of two sets. */
const PICTURES = 16
/** One image of the smallest models, in two steps. */
const SAMPLE = {
  kind: 'sample',
  model: TINY,
  device: 'cpu',
  batchSize: 1,
  stage2: 'nar',
  stage1Sampling: { temperature: 1, topK: 200, topP: 0 },
  stage2Sampling: { temperature: 1, topK: 0, topP: 0 },
  masked: { steps: 2, choiceTemperature: 4.5 },
  seed: 0,
  count: 1,
  shards: 1,
  shard: 0,
} as const
const callbacks = { progress() {}, signal: new AbortController().signal }

/** Damages `count` files, one after another and each in every way; all of them if there are fewer. */
export async function damageCache(folder: string, count: number, seed: number): Promise<Outcome> {
  const { DIGIT_CACHE: before } = process.env
  process.env.DIGIT_CACHE = join(folder, 'cache')
  try {
    return await damageFiles(folder, process.env.DIGIT_CACHE, count, seed)
  } finally {
    if (before === undefined) delete process.env.DIGIT_CACHE
    else process.env.DIGIT_CACHE = before
  }
}

async function damageFiles(folder: string, cache: string, count: number, seed: number): Promise<Outcome> {
  const pictures = await copyPictures(folder)
  let works = 0
  const work = () => resultsOf(join(folder, String(works++)), pictures)
  const right = await work()
  const faults: string[] = []
  const ways = Object.entries(DAMAGES)
  const files = (await readdir(cache, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const random = randomNumbers(seed)
  const all = files.flatMap((file) => ways.map(([way, damage]) => ({ file, way, damage })))
  // An odd step goes through all ways of damage if not all are wanted.
  const step = Math.floor(all.length / Math.min(count, all.length)) | 1
  const chosen = all.filter((_, i) => i % step === 0)
  for (const { file, way, damage } of chosen) {
    const good = await readFile(file)
    const damaged = damage(good, random)
    await writeFile(file, damaged)
    const place = `${file.slice(cache.length + 1)} ${way}`
    try {
      const found = await work()
      if (found !== right) faults.push(`${place}: other results: ${found}, expected ${right}`)
      const now = await readFile(file).catch(() => damaged)
      if (!/sha256\.json$|rate-/.test(file) && Buffer.from(now).equals(damaged))
        faults.push(`${place}: not made again`)
    } catch (error) {
      await writeFile(file, good)
      faults.push(`${place}: ${(error as Error).stack}`)
    }
  }
  return { counts: { files: files.length, damages: chosen.length }, faults }
}

async function copyPictures(folder: string): Promise<readonly [string, string]> {
  const sets = ['samples', 'real'].map((name) => join(folder, name)) as [string, string]
  for (const [i, kind] of (await readdir(join(DEMO, 'images'))).sort().slice(0, 2).entries())
    for (const name of (await readdir(join(DEMO, 'images', kind))).sort().slice(0, PICTURES))
      await cp(join(DEMO, 'images', kind, name), join(sets[i]!, name))
  return sets
}

/** Everything that uses the cache: quantized weights, copied tensors, hashes and features. */
async function resultsOf(out: string, [images, reference]: readonly [string, string]): Promise<string> {
  const tokens: Record<string, number[]> = {}
  for (const weightBits of [8, 4] as const) {
    const run = join(out, `run-${weightBits}`)
    await runSample({ ...SAMPLE, classes: [], weightBits, out: run }, callbacks)
    const path = join(run, 'images', '000000.png')
    const { recipe, codes } = textToRecord(await readFile(path), path)
    tokens[`${weightBits} ${recipe.vqgan}`] = [...codes.tokens]
  }
  const views = await openCheckpoint(join(TINY, 'variants', 'views.pt'))
  const tensors = await contiguousTensors(modelTensors(views), 'views', '')
  const hash = createHash('sha256')
  const copied = new Set(tensors.names.map((name) => tensors.get(name).path))
  for (const path of copied) hash.update(await readFile(path))
  await views.close()
  const evaluation = join(out, 'evaluation')
  const asked = { kind: 'evaluate', model: DEMO, device: 'cpu', out: evaluation, images, reference } as const
  await runEvaluate({ ...asked, protocol: 'dinov2', confidence: false, perClass: false }, callbacks)
  const [stamp] = await readStamps(join(evaluation, 'metrics.jsonl'))
  return JSON.stringify([tokens, hash.digest('hex'), stamp!.results, stamp!.samples.sha256])
}
