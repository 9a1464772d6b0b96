// The folder of a run: finished images are its record, everything else in it is rebuilt from them.
//   run.json                what was asked, with which files, on which device, how long it took
//   images/000000.png ...   one an image, each with its recipe and token grids in its text chunks
//   tokens.npz, discriminative.codecs, codes.codecs, grid.png     written when the run ends
import { open, mkdir, readFile, rm, stat, readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { sweepTemporaries, writeFileAtomic } from '../bytes/index.ts'
import { encodePng, pngWithText, type RgbImage } from '../images/index.ts'
import { finishedImages, imageName } from '../library/index.ts'
import { recordToText, type ImageRecord, type Recipe } from './image-record.ts'

/** `run.json`. */
export interface RunRecord {
  readonly schema: 1
  readonly app: string
  readonly recipe: Recipe
  /** Everything asked for, defaults filled in. */
  readonly spec: unknown
  readonly models: readonly { readonly role: string; readonly path: string; readonly sha256: string }[]
  readonly device: { readonly provider: string; readonly reason: string }
  readonly versions: Readonly<Record<string, string>>
  readonly started: string
  readonly ended?: string
  /** Seconds spent in each stage, all sessions together. */
  readonly seconds: Readonly<Record<string, number>>
}

export interface RunFolder {
  readonly path: string
  /** Indices of the images that are finished. */
  readonly finished: ReadonlySet<number>
  /** What an earlier session had spent. */
  readonly earlier: RunRecord | undefined
  imagePath(image: number): string
  /** Puts a finished image safely on disk, with its record inside. */
  save(image: RgbImage, record: ImageRecord): Promise<void>
  saveRecord(record: RunRecord): Promise<void>
  /** Gives the folder free for others. */
  close(): Promise<void>
}

const RECORD_NAME = /^run(-shard-\d+-of-\d+)?\.json$/
/**
 * Shards of one run share a folder; each has its own record, lock and index. The whole run, asked for in the same
 * folder afterwards, finds their images and writes the index of all.
 */
export const shardSuffix = (shard: number, shards: number) =>
  shards === 1 ? '' : `-shard-${shard}-of-${shards}`

/**
 * Opens or creates the folder for one process. Throws RequestError when another process works in it, when it
 * holds a run of another recipe, or when it cannot be written.
 */
export async function openRunFolder(path: string, recipe: Recipe, suffix = ''): Promise<RunFolder> {
  await makeFolder(path)
  const lock = join(path, `.lock${suffix}`)
  await takeLock(lock)
  try {
    const recordPath = join(path, `run${suffix}.json`)
    const earlier = await readRecord(recordPath)
    const records = (await readdir(path))
      .filter((name) => RECORD_NAME.test(name))
      .map((name) => join(path, name))
    for (const record of records) refuseOtherRecipe(record, (await readRecord(record))!.recipe, recipe)
    const images = join(path, 'images')
    await makeFolder(images)
    await sweepTemporaries(path)
    await sweepTemporaries(images)
    const finished = new Set(await finishedImages(images))
    if (records.length === 0 && finished.size > 0)
      throw new RequestError(`${path} holds ${finished.size} images but no run.json; choose another folder`)
    const imagePath = (image: number) => join(images, imageName(image))
    return {
      path,
      finished,
      earlier,
      imagePath,
      async save(image, record) {
        const png = pngWithText(await encodePng(image), recordToText(record))
        await writeFileAtomic(imagePath(record.image), png)
        finished.add(record.image)
      },
      saveRecord: (record) => writeFileAtomic(recordPath, JSON.stringify(record, null, 2) + '\n'),
      close: () => releaseLock(lock),
    }
  } catch (error) {
    await releaseLock(lock)
    throw error
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    throw new RequestError(`cannot make the folder ${path}: ${(error as Error).message}`, { cause: error })
  }
  if (!(await stat(path)).isDirectory()) throw new RequestError(`${path} is not a folder`)
}

async function readRecord(path: string): Promise<RunRecord | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    return undefined
  }
  try {
    const record = JSON.parse(text) as RunRecord
    if (record.schema !== 1) throw new Error(`schema ${String(record.schema)}, this program writes 1`)
    return record
  } catch (error) {
    throw new RequestError(`${path} is not a run this program can continue: ${(error as Error).message}`)
  }
}

/** Names the first field in which two recipes differ. */
function refuseOtherRecipe(path: string, there: Recipe, here: Recipe): void {
  const difference = firstDifference(there, here, '')
  if (difference)
    throw new RequestError(
      `${path} holds a run with other settings: ${difference.field} is ${difference.there} there and ${difference.here} here; choose another --out`,
    )
}

function firstDifference(
  a: unknown,
  b: unknown,
  field: string,
): { field: string; there: string; here: string } | undefined {
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const inner = firstDifference(
        (a as never)[key],
        (b as never)[key],
        field === '' ? key : `${field}.${key}`,
      )
      if (inner) return inner
    }
    return undefined
  }
  const shown = (value: unknown) => (value === undefined ? 'missing' : JSON.stringify(value))
  return a === b ? undefined : { field, there: shown(a), here: shown(b) }
}

/** Locks of this process: a lock with our process number that is not among them was left by a namesake. */
const held = new Set<string>()

/** A lock names the process that holds it, so that one left by a killed process is taken over. */
async function takeLock(path: string): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(path, 'wx')
      await handle.writeFile(JSON.stringify({ pid: process.pid, host: hostname() }))
      await handle.close()
      held.add(path)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new RequestError(`cannot write ${path}: ${(error as Error).message}`, { cause: error })
    }
    const holder = await lockHolder(path)
    if (holder)
      throw new RequestError(
        `${path}: ${holder} is working in this folder; wait for it or choose another --out`,
      )
    await rm(path, { force: true })
  }
  throw new RequestError(`${path}: another process took this folder at the same moment`)
}

async function releaseLock(path: string): Promise<void> {
  held.delete(path)
  await rm(path, { force: true })
}

/** Who holds a lock, or undefined when that process is gone (or the lock was cut off while being written). */
async function lockHolder(path: string): Promise<string | undefined> {
  try {
    const { pid, host } = JSON.parse(await readFile(path, 'utf8')) as { pid: number; host: string }
    if (host !== hostname()) return `process ${pid} on ${host}`
    if (pid === process.pid) return held.has(path) ? 'this program' : undefined
    process.kill(pid, 0)
    return `process ${pid}`
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'a process of another user' : undefined
  }
}
