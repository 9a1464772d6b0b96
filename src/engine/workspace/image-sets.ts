// Image sets that a person added to the workspace. Files are the record:
//   sets/ID.json   where a set lies and what it is; ID is a digest of the place
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import * as z from 'zod'
import { FormatError, RequestError } from '../../shared/errors.ts'
import { RunIdSchema } from '../../shared/run/run.ts'
import {
  SetIdSchema,
  type ImageSetInfo,
  type SetPicture,
  type SetSource,
} from '../../shared/evaluation/measurements.ts'
import { makeFolder, writeFileAtomic } from '../bytes/index.ts'
import { encodePng, preprocess } from '../images/index.ts'
import { demoFolder } from '../model-set/resources.ts'
import { readJsonFile } from '../records/json-file.ts'
import { runFolder } from '../records/workspace.ts'
import { holdsStatistics, openImageSet, type ImageSet } from '../runs/evaluation/image-set.ts'
import { listPictures } from '../tokenizer/picture-list.ts'
import { readReference } from '../runs/evaluation/reference.ts'

type Look = Omit<ImageSetInfo, 'source' | 'problem'>

/** `sets/ID.json`. */
interface SetRecord {
  readonly schema: 1
  readonly path: string
  /** ISO time. */
  readonly added: string
  readonly look: Look
}

const count = z.number().int().min(0).exactOptional()
/** Of `sets/ID.json`. */
export const SetRecordSchema: z.ZodType<SetRecord> = z.object({
  schema: z.literal(1),
  path: z.string(),
  added: z.string(),
  look: z.object({
    name: z.string(),
    kind: z.enum(['images', 'statistics']),
    images: count,
    width: count,
    height: count,
    hasClasses: z.boolean().exactOptional(),
    dimensions: count,
    notes: z.array(z.string()),
  }),
})

const ID_DIGITS = 12
/** Larger or non-square images are shown at this size. */
const PICTURE_SIDE = 256

const setsFolder = (workspace: string) => join(workspace, 'sets')
const setId = (path: string) => createHash('sha256').update(path).digest('hex').slice(0, ID_DIGITS)

/** The pictures that come with the demo. */
export const demoPictures = (): string => join(demoFolder(), 'images')

/** Scans a folder or file and adds it to the list. Throws an error naming it if it cannot be measured. */
export async function addSet(workspace: string, place: string): Promise<void> {
  const path = resolve(place)
  const record: SetRecord = { schema: 1, path, added: new Date().toISOString(), look: await lookAtSet(path) }
  await makeFolder(setsFolder(workspace))
  await writeFileAtomic(
    join(setsFolder(workspace), `${setId(path)}.json`),
    JSON.stringify(record, null, 2) + '\n',
  )
}

/** Takes a set out of the list; its files stay. */
export async function removeSet(workspace: string, id: string): Promise<void> {
  await rm(join(setsFolder(workspace), `${id}.json`), { force: true })
}

/** The demo pictures, then added sets, newest first. */
export async function listSets(workspace: string): Promise<ImageSetInfo[]> {
  const demo = await lookAtSet(demoPictures()).then(
    (look): ImageSetInfo[] => [{ source: { kind: 'demo' }, ...look, name: 'Demo pictures' }],
    () => [],
  )
  const names = await readdir(setsFolder(workspace)).catch(() => [])
  const records = await Promise.all(
    names.map(async (name) => {
      const id = name.replace(/\.json$/, '')
      const record = SetIdSchema.safeParse(id).success ? await readSet(workspace, id) : undefined
      return record ? [{ id, ...record }] : []
    }),
  )
  const added = records.flat().sort((a, b) => (a.added < b.added ? 1 : -1))
  return [
    ...demo,
    ...added.map(({ id, path, look }): ImageSetInfo => {
      const problem = existsSync(path) ? {} : { problem: `${basename(path)}: no longer exists` }
      return { source: { kind: 'set', set: id }, ...look, ...problem }
    }),
  ]
}

/** The path of a set. Throws RequestError if it is not in the list. */
export async function setPath(workspace: string, source: SetSource): Promise<string> {
  if (source.kind === 'demo') return demoPictures()
  if (source.kind === 'run') return runFolder(workspace, source.run)
  const record = await readSet(workspace, source.set)
  if (!record) throw new RequestError('this image set is no longer in the list; add it again')
  return record.path
}

/** What a path refers to in the workspace. */
export function sourceOfPath(workspace: string, place: string): SetSource | undefined {
  const path = resolve(place)
  if (path === resolve(demoPictures())) return { kind: 'demo' }
  const run = basename(path)
  if (RunIdSchema.safeParse(run).success && resolve(runFolder(workspace, run)) === path)
    return { kind: 'run', run }
  const set = setId(path)
  return existsSync(join(setsFolder(workspace), `${set}.json`)) ? { kind: 'set', set } : undefined
}

/** One image by its index in the set; large or non-square images are shown as a square. */
export async function readSetPicture(set: ImageSet, number: number): Promise<SetPicture> {
  const image = await set.image(number)
  if (!image) throw new RequestError(`${set.path}: image ${number} not found`)
  const isSmallSquare = image.width === image.height && image.width <= 2 * PICTURE_SIDE
  return {
    name: set.nameOf(number),
    png: await encodePng(isSmallSquare ? image : preprocess(image, PICTURE_SIDE)),
  }
}

async function readSet(workspace: string, id: string): Promise<SetRecord | undefined> {
  return readJsonFile(join(setsFolder(workspace), `${id}.json`), SetRecordSchema).catch(() => undefined)
}

/**
 * A folder is a valid set even if its first picture is damaged: the others have tokens, and measuring it
 * reports the problem.
 */
async function lookAtImages(path: string): Promise<Look> {
  const name = basename(path)
  try {
    const { count, width, height, classes, notes } = await openImageSet(path)
    const named = notes.map((note) => note.replaceAll(path, name))
    const hasClasses = classes !== undefined
    return { name, kind: 'images', images: count, width, height, hasClasses, notes: named }
  } catch (error) {
    if (!(error instanceof FormatError) || !(await stat(path)).isDirectory()) throw error
    const { pictures } = await listPictures([path])
    return { name, kind: 'images', images: pictures.length, notes: [error.message.replaceAll(path, name)] }
  }
}

async function lookAtSet(path: string): Promise<Look> {
  if (!(await holdsStatistics(path))) return lookAtImages(path)
  const { features, hasImages } = await readReference(path)
  const beside = hasImages ? await openImageSet(path) : undefined
  return {
    name: basename(path),
    kind: 'statistics',
    dimensions: features.mean.length,
    notes: [],
    ...(beside ? { images: beside.count, width: beside.width, height: beside.height } : {}),
  }
}
