// One measurement in a separate process, for exact time and memory.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { openChunkDecoder } from '../../src/engine/decoding/autoregressive.ts'
import { importModels, openModels } from '../../src/engine/model-set/open-models.ts'
import { buildAtlas } from './atlas.ts'
import { writeAndReadBatch } from './batch.ts'
import { drawWith } from './generators.ts'
import { sequences, STAGE1_SAMPLING } from './sequences.ts'
import { timed } from './timing.ts'

/** The first argument of such a process. */
export const CHILD = '--child'

export interface Measured {
  readonly ms: number
  /** Bytes of memory before, after, and at the peak. */
  readonly before: number
  readonly after: number
  readonly peak: number
  /** What else the work measured. */
  readonly numbers?: Readonly<Record<string, number>>
}

/** Measurements of a path. */
const WORKS = {
  import: (path: string) => timed(() => importModels([path])),
  /** Opening stage 1 for decoding, after scanning the models. */
  async open(path: string) {
    const models = await openModels([path])
    const model = await models.open('stage1')
    const opened = await timed(() => openChunkDecoder(model, { provider: 'cpu' }))
    await opened.result.decode(sequences(1), { sampling: STAGE1_SAMPLING, length: 2 })
    return opened
  },
  atlas: (path: string) => timed(() => buildAtlas(path)),
  batch: (path: string) => timed(() => writeAndReadBatch(path)),
  async generator(path: string) {
    const { result: numbers, ms } = await timed(() => drawWith(path))
    return { ms, numbers }
  },
}

export async function childMain([work, path]: readonly string[]): Promise<void> {
  const before = process.memoryUsage.rss()
  const { ms, ...more } = await WORKS[work as keyof typeof WORKS](path!)
  const numbers = 'numbers' in more ? { numbers: more.numbers } : {}
  const peak = process.resourceUsage().maxRSS * 1024
  console.log(
    JSON.stringify({ ms, before, after: process.memoryUsage.rss(), peak, ...numbers } satisfies Measured),
  )
}

export async function inChild(work: keyof typeof WORKS, path: string, cache: string): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, [process.argv[1]!, CHILD, work, path], {
    env: { ...process.env, DIGIT_CACHE: cache },
  })
  return JSON.parse(stdout) as Measured
}
