// Finished images -> files for the whole run: tokens.npz, .codecs and a labelled grid. Rebuilt only from the images.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FormatError } from '../../shared/errors.ts'
import { readStored, writeFileAtomic, writeNpz, type NpyInput } from '../bytes/index.ts'
import { decodeImage, encodePng, imageGrid, type RgbImage } from '../images/index.ts'
import { writeCodecs } from '../tokens/codecs.ts'
import { isDrawn, type TokenGrid } from '../tokens/grid.ts'
import { layersOf, textToRecord, type ImageJob } from './image-record.ts'
import type { RunFolder } from './run-folder.ts'

/** The grid is only an overview; all images are in the folder. */
const MAX_GRID_IMAGES = 100
/** Small images are enlarged to about this many pixels. */
const MIN_CELL = 128

export interface IndexOptions {
  readonly title: string
  /** Caption under an image. @default its number */
  caption?(job: ImageJob): string
  /** A picture to show before each image. */
  beside?(job: ImageJob): Promise<RgbImage>
}

/** Writes tokens{suffix}.npz, a .codecs file a layer, and grid{suffix}.png for these images. */
export async function writeRunIndex(
  folder: RunFolder,
  jobs: readonly ImageJob[],
  suffix: string,
  options: IndexOptions,
): Promise<void> {
  const arrays = new Map<string, TokenGrid[]>()
  for (const { image } of jobs) {
    const record = textToRecord(await readStored(folder.imagePath(image)), folder.imagePath(image))
    for (const [name, grid] of Object.entries(layersOf(record))) {
      const grids = arrays.get(name) ?? []
      grids.push(grid)
      arrays.set(name, grids)
    }
  }
  const npz: Record<string, NpyInput> = {
    image: { data: Int32Array.from(jobs, ({ image }) => image), shape: [jobs.length] },
  }
  if (jobs.every((job) => job.class !== undefined))
    npz.class = { data: Int32Array.from(jobs, (job) => job.class!), shape: [jobs.length] }
  for (const [name, grids] of arrays) {
    if (grids.length !== jobs.length) continue
    Object.assign(npz, gridArrays(name, grids))
    await writeCodecs(
      join(folder.path, `${name}${suffix}.codecs`),
      grids.map(({ tokens }) => tokens),
    )
  }
  await writeNpz(join(folder.path, `tokens${suffix}.npz`), npz)
  await writeFileAtomic(join(folder.path, `grid${suffix}.png`), await gridPng(folder, jobs, options))
}

/** Removes the files of a shard once those of the whole run are there. */
export async function removeRunIndex(folder: string, suffix: string): Promise<void> {
  const endings = ['.npz', '.codecs', '.png'].map((ending) => `${suffix}${ending}`)
  for (const name of await readdir(folder))
    if (endings.some((ending) => name.endsWith(ending))) await rm(join(folder, name), { force: true })
}

/** Arrays [images, cells] of everything recorded per token. */
function gridArrays(name: string, grids: readonly TokenGrid[]): Record<string, NpyInput> {
  const stack = (rows: readonly (Int32Array | Float32Array)[]): NpyInput => {
    const Values = rows[0] instanceof Float32Array ? Float32Array : Int32Array
    const { length } = rows[0]!
    const odd = rows.findIndex((row) => row.length !== length)
    if (odd >= 0)
      throw new FormatError(
        name,
        `image ${odd}: wrong length (found ${rows[odd]!.length}, expected ${length})`,
      )
    const data = new Values(rows.length * length)
    rows.forEach((row, i) => data.set(row, i * length))
    return { data, shape: [rows.length, length] }
  }
  const arrays = { [name]: stack(grids.map(({ tokens }) => tokens)) }
  const drawn = grids.filter(isDrawn)
  if (drawn.length < grids.length) return arrays
  const steps = drawn.flatMap(({ steps }) => steps ?? [])
  return {
    ...arrays,
    [`${name}_log_probability`]: stack(drawn.map(({ logProbabilities }) => logProbabilities)),
    [`${name}_rank`]: stack(drawn.map(({ ranks }) => ranks)),
    [`${name}_entropy`]: stack(drawn.map(({ entropies }) => entropies)),
    ...(steps.length === grids.length ? { [`${name}_step`]: stack(steps) } : {}),
  }
}

async function gridPng(
  folder: RunFolder,
  jobs: readonly ImageJob[],
  options: IndexOptions,
): Promise<Uint8Array> {
  const { title, caption = ({ image }: ImageJob) => String(image), beside } = options
  const shown = jobs.slice(0, MAX_GRID_IMAGES)
  const images: RgbImage[] = []
  const cells: string[] = []
  for (const job of shown) {
    if (beside) {
      images.push(await beside(job))
      cells.push(job.source?.name ?? '')
    }
    images.push(await decodeImage(folder.imagePath(job.image)))
    cells.push(caption(job))
  }
  const more = jobs.length > shown.length ? ` (${shown.length} of ${jobs.length})` : ''
  const columns = Math.min(shown.length <= 16 ? 4 : 10, shown.length) * (beside ? 2 : 1)
  return encodePng(
    imageGrid({ images, columns, minCell: MIN_CELL, gap: 4, labels: { title: title + more, cells } }),
  )
}
