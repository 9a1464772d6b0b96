// The folder of an atlas: NumPy arrays from which the part of one entry can be read. Everything in it can be
// recomputed.
//   atlas.json             what it was made from, and the totals that shares refer to; written last
//   starts, cells, distances.npy     entry k has places starts[k] to starts[k + 1]: image * cells of a grid + position, nearest first
//   classes.npy, images.txt          class and path of each image
//   beside.npy             [K, 4, TOP, 2] entry and count, right, left, above, below
//   together.npy           [K, 2, TOP, 2] entry and images in common, by count and by lift
//   nearest-l2.npy, ...    [K, TOP] and their distances
//   pca.npy, umap.npy      [K, 2]
//   colours.npy            [K, 3] mean color of the patches; absent if there are no pictures
//   table.npz              one number per entry
import { LayerNameSchema } from '../../../shared/grid/layout.ts'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { FormatError } from '../../../shared/errors.ts'
import {
  ELEMENTS,
  elementCount,
  encodeNpy,
  openFile,
  readNpy,
  readNpyHeader,
  writeFileAtomic,
  type NpyInput,
  type NumberArray,
  type Source,
} from '../../bytes/index.ts'
import { parseJson } from '../../../shared/plain-json.ts'

export const ATLAS_RECORD = 'atlas.json'
/** Entries kept of each list of others. */
export const TOP = 16

const ARRAYS = [
  'starts',
  'cells',
  'distances',
  'classes',
  'beside',
  'together',
  'nearest-l2',
  'nearest-l2-distances',
  'nearest-cosine',
  'nearest-cosine-distances',
  'pca',
  'umap',
  'colours',
] as const
export type AtlasArray = (typeof ARRAYS)[number]

export const arrayPath = (folder: string, name: AtlasArray): string => join(folder, `${name}.npy`)
export const tablePath = (folder: string): string => join(folder, 'table.npz')
export const imagesPath = (folder: string): string => join(folder, 'images.txt')

const count = z.number().int().min(0)

/** Of `atlas.json`. */
export const AtlasRecordSchema = z.object({
  schema: z.literal(1),
  app: z.string(),
  recipe: z.unknown(),
  /** Folder that the images' paths are relative to. */
  root: z.string(),
  dataset: z.string(),
  codebook: z.object({ path: z.string(), sha256: z.string() }),
  /** Absent until the atlas is complete. */
  info: z
    .object({
      tokens: LayerNameSchema,
      entries: count,
      images: count,
      cells: count,
      classNames: z.array(z.string()).readonly(),
      classImages: z.array(count).readonly(),
      dead: count,
      rare: count,
      perplexity: z.number(),
      quantisationError: z.number().optional(),
    })
    .optional(),
})
export type AtlasRecord = z.infer<typeof AtlasRecordSchema>

/** Undefined if there is none or it has another version: an atlas is a cache. */
export async function readAtlasRecord(folder: string): Promise<AtlasRecord | undefined> {
  const text = await readFile(join(folder, ATLAS_RECORD), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return AtlasRecordSchema.safeParse(parseJson(text)).data
  } catch {
    return undefined
  }
}

export const writeAtlasRecord = (folder: string, record: AtlasRecord): Promise<void> =>
  writeFileAtomic(join(folder, ATLAS_RECORD), JSON.stringify(record, null, 2) + '\n')

export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

export const writeArray = (folder: string, name: AtlasArray, array: NpyInput): Promise<void> =>
  writeFileAtomic(arrayPath(folder, name), encodeNpy(array))

/** Memory layout of its values. */
type ArrayType<T extends NumberArray> = new (count: number) => T

/** Throws FormatError if the file contains values of another type. */
export async function readArray<T extends NumberArray>(
  folder: string,
  name: AtlasArray,
  Type: ArrayType<T>,
): Promise<T> {
  const source = await openFile(arrayPath(folder, name))
  try {
    return typed(source, (await readNpy(source)).data, Type)
  } finally {
    await source.close()
  }
}

/** Elements `from` to `to` of an array, counted over all its axes; reads no others. */
export async function readPart<T extends NumberArray>(
  folder: string,
  name: AtlasArray,
  Type: ArrayType<T>,
  from: number,
  to: number,
): Promise<T> {
  const source = await openFile(arrayPath(folder, name))
  try {
    const { type, dataStart } = await readNpyHeader(source)
    const { size, decode } = ELEMENTS[type]
    return typed(source, decode(await source.read(dataStart + from * size, dataStart + to * size)), Type)
  } finally {
    await source.close()
  }
}

/** Row k of an array [K, ...]. */
export async function readRow(folder: string, name: AtlasArray, k: number): Promise<number[]> {
  const source = await openFile(arrayPath(folder, name))
  try {
    const { type, dataStart, shape } = await readNpyHeader(source)
    const { size, decode } = ELEMENTS[type]
    const bytes = elementCount(shape.slice(1)) * size
    return Array.from(decode(await source.read(dataStart + k * bytes, dataStart + (k + 1) * bytes)), Number)
  } finally {
    await source.close()
  }
}

function typed<T extends NumberArray>(source: Source, values: NumberArray, Type: ArrayType<T>): T {
  if (values instanceof Type) return values
  throw new FormatError(
    source.name,
    `wrong element type (found ${values.constructor.name}, expected ${Type.name})`,
  )
}

/** Removes the files of an atlas of other tokens. */
export async function clearAtlas(folder: string): Promise<void> {
  const arrays = ARRAYS.map((name) => arrayPath(folder, name))
  for (const path of [...arrays, tablePath(folder), imagesPath(folder)]) await rm(path, { force: true })
}
