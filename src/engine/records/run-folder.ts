// The folder of a run. Finished images are its record; everything else is rebuilt from them.
//   run.json                request, files, device and times
//   images/000000.png ...   one per image, with recipe and token grids in text chunks
//   images/images-0000.tar  or packs of them (bytes/packed-files.ts)
//   tokens.npz, discriminative.codecs, codes.codecs, grid.png     written when the run ends
import { readdir, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import * as z from 'zod'
import { FormatError, RequestError } from '../../shared/errors.ts'
import {
  findPacked,
  makeFolder,
  packWriter,
  readStored,
  renamePacked,
  sweepTemporaries,
  writeFileAtomic,
} from '../bytes/index.ts'
import { checkPng, encodePng, pngWithText, type RgbImage } from '../images/index.ts'
import { finishedImages, imageName } from './workspace.ts'
import { releaseLock, takeLock } from './folder-lock.ts'
import {
  CodebooksSchema,
  RecipeSchema,
  recordToText,
  textToRecord,
  type Codebooks,
  type ImageRecord,
  type Recipe,
} from './image-record.ts'
import { readRecord, recordVersion, refuseOtherRecipe } from './recipe.ts'

/** `run.json`. */
export interface RunRecord {
  readonly schema: 1
  readonly app: string
  readonly recipe: Recipe
  /** The whole request, with defaults filled in. */
  readonly spec: unknown
  readonly models: readonly { readonly role: string; readonly path: string; readonly sha256: string }[]
  readonly device: { readonly provider: string; readonly reason: string }
  /** Names of the requested classes, if the models came with names: other models have others. */
  readonly classNames?: Readonly<Record<string, string>>
  readonly codebooks?: Codebooks
  readonly versions: Readonly<Record<string, string>>
  readonly started: string
  readonly ended?: string
  /** Seconds spent in each stage, all sessions together. */
  readonly seconds: Readonly<Record<string, number>>
}

const text = z.string()

/** What of it is used; `recipe` and `spec` are compared, or checked by their own schemas. */
export const RunRecordSchema: z.ZodType<RunRecord> = z.looseObject({
  schema: recordVersion,
  app: text,
  recipe: RecipeSchema,
  spec: z.unknown(),
  models: z.array(z.looseObject({ role: text, path: text, sha256: text })),
  device: z.looseObject({ provider: text, reason: text }),
  classNames: z.record(text, text).exactOptional(),
  codebooks: CodebooksSchema.exactOptional(),
  versions: z.record(text, text),
  started: text,
  ended: text.exactOptional(),
  seconds: z.record(text, z.number()),
})

export interface RunFolder {
  readonly path: string
  /** Numbers of the finished images. */
  readonly finished: ReadonlySet<number>
  /** Record of an earlier session. */
  readonly earlier: RunRecord | undefined
  imagePath(image: number): string
  /** Renames finished images of these numbers that are damaged to `NAME.damaged`, and returns why: they are made again. */
  setDamagedAside(images: readonly number[], checking: (checked: number) => void): Promise<string[]>
  /** Writes a finished image to disk, with its record inside. */
  save(image: RgbImage, record: ImageRecord): Promise<void>
  saveRecord(record: RunRecord): Promise<void>
  /** Releases the folder lock. */
  close(): Promise<void>
}

/** Finished images checked between two reports. */
const CHECKED_AT_ONCE = 64

const RECORD_NAME = /^run(-shard-\d+-of-\d+)?\.json$/
/**
 * Shards of one run share a folder; each has its own record, lock and index. The whole run, requested in the same
 * folder afterwards, finds their images and writes the index of all.
 */
export const shardSuffix = (shard: number, shards: number) =>
  shards === 1 ? '' : `-shard-${shard}-of-${shards}`

/**
 * Opens or creates the folder for one process. Throws RequestError if another process uses it, if it contains a run of
 * another recipe, or if it cannot be written.
 * @param packed new images are appended to a pack of this process instead of files of their own
 */
export async function openRunFolder(
  path: string,
  recipe: Recipe,
  suffix = '',
  packed = false,
): Promise<RunFolder> {
  await makeFolder(path)
  const lock = join(path, `.lock${suffix}`)
  await takeLock(lock)
  try {
    const recordPath = join(path, `run${suffix}.json`)
    const earlier = await readRecord(recordPath, RunRecordSchema)
    const images = join(path, 'images')
    await makeFolder(images)
    await sweepTemporaries(path)
    await sweepTemporaries(images)
    // Before the records: other shards write theirs first, so images without any record are not from them.
    const finished = new Set(await finishedImages(images))
    const records = (await readdir(path))
      .filter((name) => RECORD_NAME.test(name))
      .map((name) => join(path, name))
    for (const record of records)
      refuseOtherRecipe(record, (await readRecord(record, RunRecordSchema))!.recipe, recipe)
    if (records.length === 0 && finished.size > 0)
      throw new RequestError(
        `${path}: contains ${finished.size} images but no run.json; choose another folder`,
      )
    const imagePath = (image: number) => join(images, imageName(image))
    const pack = packed ? packWriter(images, suffix) : undefined
    return {
      path,
      finished,
      earlier,
      imagePath,
      async setDamagedAside(numbers, checking) {
        const problems: string[] = []
        for (const [checked, image] of numbers.filter((image) => finished.has(image)).entries()) {
          if (checked % CHECKED_AT_ONCE === 0) checking(checked)
          const problem = await damageOf(imagePath(image))
          if (problem === undefined) continue
          await setAside(imagePath(image))
          finished.delete(image)
          problems.push(problem)
        }
        return problems
      },
      async save(image, record) {
        const png = pngWithText(await encodePng(image), recordToText(record))
        await (pack
          ? pack.append(imageName(record.image), png)
          : writeFileAtomic(imagePath(record.image), png))
        finished.add(record.image)
      },
      saveRecord: (record) => writeFileAtomic(recordPath, JSON.stringify(record, null, 2) + '\n'),
      async close() {
        await pack?.close()
        await releaseLock(lock)
      },
    }
  } catch (error) {
    await releaseLock(lock)
    throw error
  }
}

/** Why a finished image is not as it was written; undefined for a whole one. */
async function damageOf(path: string): Promise<string | undefined> {
  try {
    const png = await readStored(path)
    checkPng(png, basename(path))
    textToRecord(png, basename(path))
    return undefined
  } catch (error) {
    if (error instanceof FormatError) return error.message
    throw error
  }
}

async function setAside(path: string): Promise<void> {
  if (await findPacked(path)) return renamePacked(path, `${basename(path)}.damaged`)
  await rename(path, `${path}.damaged`)
}
