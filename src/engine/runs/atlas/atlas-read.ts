// An atlas on disk -> its table, one entry (read without the others), the picture of an example.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DIRECTIONS,
  type AtlasEntry,
  type AtlasInfo,
  type AtlasTable,
  type Counted,
  type Direction,
  type Example,
  type Neighbour,
  type JudgedUsage,
} from '../../../shared/atlas/atlas.ts'
import { RequestError } from '../../../shared/errors.ts'
import { cellsWithNeighbour } from '../../tokens/atlas/beside.ts'
import { compareUsage } from '../../tokens/atlas/compare-usage.ts'
import { usageFloor } from '../../tokens/atlas/usage-floor.ts'
import { ratioIntervals, type ImageTokens } from '../../tokens/atlas/usage-interval.ts'
import {
  bandsOf,
  classesOf,
  distanceHistogram,
  entropy,
  exampleAt,
  liftsOf,
  positionsOf,
  type EntryMembers,
} from '../../tokens/atlas/entry.ts'
import { gridOfAtlas, isRare } from '../../../shared/atlas/atlas.ts'
import {
  arrayPath,
  imagesPath,
  isThere,
  readArray,
  readAtlasRecord,
  readPart,
  readRow,
  TOP,
} from './atlas-files.ts'
import { readAtlasColumns } from './atlas-table.ts'

/** Examples in each band. */
const PER_BAND = 12

export interface Atlas {
  readonly info: AtlasInfo
  /** The codebook file, at its path when the atlas was made. */
  readonly codebook: { readonly path: string; readonly sha256: string }
  table(): Promise<AtlasTable>
  /** Throws RequestError if there is no such entry. */
  entry(k: number): Promise<AtlasEntry>
  /** Examples `from` to `to` of an entry, nearest first, for paging through all of them. */
  examples(k: number, from: number, to: number): Promise<readonly Example[]>
  /** The file that an image of the data set came from; undefined if there is none. */
  imagePath(image: number): Promise<string | undefined>
  /** The tokens of all images. */
  tokens(): Promise<ImageTokens>
  /** The tokens of an image. */
  imageTokens(image: number): Promise<Int32Array>
}

/** Throws RequestError if the folder contains no finished atlas. */
export async function openAtlas(folder: string): Promise<Atlas> {
  const record = await readAtlasRecord(folder)
  if (!record?.info) throw new RequestError(`${folder}: no finished atlas; create one with digit atlas`)
  const umap = await isThere(arrayPath(folder, 'umap'))
  const info: AtlasInfo = { ...record.info, umap }
  const grid = gridOfAtlas(info)
  const membersOf = async (k: number): Promise<EntryMembers> => {
    if (!Number.isInteger(k) || k < 0 || k >= info.entries)
      throw new RequestError(`cluster ${k}: out of range (the codebook has 0 to ${info.entries - 1})`)
    const [start = 0, end = 0] = await readPart(folder, 'starts', Uint32Array, k, k + 2)
    const cells = await readPart(folder, 'cells', Uint32Array, start, end)
    if (info.quantisationError === undefined) return { grid, cells }
    return { grid, cells, distances: await readPart(folder, 'distances', Float32Array, start, end) }
  }
  const classes = lazily(async () => readArray(folder, 'classes', Int32Array))
  const paths = lazily(async () => (await readFile(imagesPath(folder), 'utf8')).split('\n'))
  return {
    info,
    codebook: record.codebook,
    async table() {
      const plane = async (name: 'pca' | 'umap') => readArray(folder, name, Float32Array)
      return {
        ...(await readAtlasColumns(folder)),
        pca: await plane('pca'),
        ...(umap ? { umap: await plane('umap') } : {}),
      }
    },
    async entry(k) {
      const members = await membersOf(k)
      return { ...statistics(k, members, await classes(), info), ...(await others(folder, k, members)) }
    },
    async examples(k, from, to) {
      const members = await membersOf(k)
      const stop = Math.min(to, members.cells.length)
      return Array.from({ length: Math.max(0, stop - from) }, (_, i) => exampleAt(members, from + i))
    },
    async imagePath(image) {
      const path = (await paths())[image]
      return path ? join(record.root, path) : undefined
    },
    async tokens() {
      const starts = await readArray(folder, 'starts', Uint32Array)
      const cells = await readArray(folder, 'cells', Uint32Array)
      const tokens = new Int32Array(info.cells)
      for (let k = 0; k + 1 < starts.length; k++)
        for (let i = starts[k]!; i < starts[k + 1]!; i++) tokens[cells[i]!] = k
      return { tokens, cells: grid.cells }
    },
    async imageTokens(image) {
      if (image >= info.images)
        throw new RequestError(`image ${image}: out of range (the atlas has 0 to ${info.images - 1})`)
      const starts = await readArray(folder, 'starts', Uint32Array)
      return cellsOfImage(await readArray(folder, 'cells', Uint32Array), starts, image, grid.cells)
    },
  }
}

/** Cells are sorted by entry; a cell of this image gives its token by the entry that contains its place. */
function cellsOfImage(cells: Uint32Array, starts: Uint32Array, image: number, perImage: number): Int32Array {
  const tokens = new Int32Array(perImage)
  for (let k = 0; k + 1 < starts.length; k++)
    for (let i = starts[k]!; i < starts[k + 1]!; i++) {
      const cell = cells[i]! - image * perImage
      if (cell >= 0 && cell < perImage) tokens[cell] = k
    }
  return tokens
}

/** Usage in A (real) and in B (generated). Throws RequestError if they are of different codebooks. */
export async function compareAtlases(a: Atlas, b: Atlas): Promise<JudgedUsage> {
  if (a.info.tokens !== b.info.tokens || a.info.entries !== b.info.entries)
    throw new RequestError(
      `cannot compare atlases of different size (${a.info.entries} ${a.info.tokens} entries, ${b.info.entries} ${b.info.tokens} entries)`,
    )
  if (a.codebook.sha256 !== b.codebook.sha256)
    throw new RequestError(
      'cannot compare atlases of different codebooks: the same cluster number means different things',
    )
  const [real, samples] = [await a.tokens(), await b.tokens()]
  const K = a.info.entries
  const floor = usageFloor(real, samples, K)
  return {
    ...compareUsage((await a.table()).cells, (await b.table()).cells),
    ...ratioIntervals(real, samples, K),
    ...(floor ? { floor } : {}),
  }
}

/** Statistics of the entry's own cells. */
function statistics(k: number, members: EntryMembers, classes: Int32Array, info: AtlasInfo) {
  const { cells, distances } = members
  const positions = positionsOf(members)
  const found = classesOf(members, classes, info.classImages.length)
  const histogram = distances && distanceHistogram(distances)
  return {
    entry: k,
    cells: cells.length,
    images: imagesOf(cells, info),
    isDead: cells.length === 0,
    isRare: isRare(cells.length, info.cells, info.entries),
    positions,
    ...(histogram ? { distances: histogram } : {}),
    classes: liftsOf(members, classes, info.classImages)
      .filter((row) => row.cells > 0)
      .sort((a, b) => b.lift - a.lift),
    classEntropy: entropy(found),
    positionEntropy: entropy(positions),
    bands: bandsOf(members, PER_BAND),
  }
}

/** Number of images that contain the cells. */
function imagesOf(cells: Uint32Array, info: AtlasInfo): number {
  const perImage = gridOfAtlas(info).cells
  const seen = new Uint8Array(info.images)
  let count = 0
  for (let i = 0; i < cells.length; i++) {
    const image = Math.floor(cells[i]! / perImage)
    count += 1 - seen[image]!
    seen[image] = 1
  }
  return count
}

/** Statistics of its neighbours. */
async function others(folder: string, k: number, members: EntryMembers) {
  const [besides, together] = [await readRow(folder, 'beside', k), await readRow(folder, 'together', k)]
  const list = (rows: readonly number[], i: number) => countedOf(rows.slice(i * TOP * 2, (i + 1) * TOP * 2))
  const positions = positionsOf(members)
  const side = (direction: Direction) => ({
    of: cellsWithNeighbour(positions, direction, members.grid),
    entries: list(besides, DIRECTIONS.indexOf(direction)),
  })
  return {
    beside: { right: side('right'), left: side('left'), above: side('above'), below: side('below') },
    together: { byCount: list(together, 0), byLift: list(together, 1) },
    nearest: { l2: await nearestOf(folder, k, 'l2'), cosine: await nearestOf(folder, k, 'cosine') },
  }
}

function countedOf(pairs: readonly number[]): Counted[] {
  return Array.from({ length: pairs.length / 2 }, (_, i) => ({
    entry: pairs[2 * i]!,
    count: pairs[2 * i + 1]!,
  })).filter(({ entry }) => entry >= 0)
}

async function nearestOf(folder: string, k: number, by: 'l2' | 'cosine'): Promise<Neighbour[]> {
  const distances = await readRow(folder, `nearest-${by}-distances`, k)
  const entries = await readRow(folder, `nearest-${by}`, k)
  return entries.flatMap((entry, i) => (entry < 0 ? [] : [{ entry, distance: distances[i]! }]))
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
