// Pictures -> features of their patches on disk, prepared for K-Means as in the release:
//   features/00000.npy ...    float16 [points, width], the points of 64 pictures each
//   unreadable.txt            pictures that were skipped, and why
// Source: preprocess/dump_features.py of the DiGIT release (Resize, RandomCrop, RandomHorizontalFlip).
import { DIGIT_GRID } from '../../shared/grid/layout.ts'
import { readFile, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { FormatError, ModelError, RequestError } from '../../shared/errors.ts'
import { firstNotFiniteHalf } from '../../shared/finite.ts'
import { encodeNpy, makeFolder, writeFileAtomic } from '../bytes/index.ts'
import { graphToOnnx } from '../graph/index.ts'
import { cropAndFlip, decodeImage, preprocess, type RgbImage } from '../images/index.ts'
import { dinov2Config, dinov2Features } from '../models/dinov2.ts'
import { openSession, type Provider } from '../session/index.ts'
import { uniform } from '../tokens/random.ts'
import type { RunCallbacks } from '../devices/callbacks.ts'
import type { OpenEncoder } from '../model-set/open-models.ts'
import { picturesToPixels } from './tokenizer.ts'

/** Folder of the files. */
export const FEATURES = 'features'
/** Pictures whose features are in one file. */
export const FILE_PICTURES = 64

export interface FeaturePlan {
  /** Files in a fixed order. */
  readonly pictures: readonly string[]
  /** Share of each picture's patches. */
  readonly patches: number
  /** Random crop and flip; otherwise the centre crop. */
  readonly augment: boolean
  readonly layer: number
  readonly seed: number
  readonly batchSize: number
}

/**
 * Writes missing files and returns the paths of all. Throws RequestError if no picture can be read.
 * @param only writes those of these pictures, whole files, in one of several processes
 */
export async function writeFeatures(
  folder: string,
  encoder: OpenEncoder,
  plan: FeaturePlan,
  provider: Provider,
  callbacks: RunCallbacks,
  only = { from: 0, to: plan.pictures.length, suffix: '' },
): Promise<string[]> {
  const features = join(folder, FEATURES)
  await makeFolder(features)
  const there = new Set(await readdir(features))
  const pathOf = (from: number) => join(features, `${String(from / FILE_PICTURES).padStart(5, '0')}.npy`)
  const starts = Array.from(
    { length: Math.ceil(plan.pictures.length / FILE_PICTURES) },
    (_, i) => i * FILE_PICTURES,
  )
  const missing = starts.filter(
    (from) => from >= only.from && from < only.to && !there.has(basename(pathOf(from))),
  )
  if (missing.length === 0) return starts.map(pathOf)
  const encode = await openFeatureEncoder(encoder, plan, provider)
  try {
    for (const from of missing) {
      const { rows, unreadable } = await encodeShard(encode, plan, from, callbacks)
      if (unreadable.length > 0) await addLines(join(folder, `unreadable${only.suffix}.txt`), unreadable)
      const shape = [rows.length / encode.width, encode.width]
      await writeFileAtomic(pathOf(from), encodeNpy({ data: rows, shape, type: 'f16' }))
    }
  } finally {
    await encode.close()
  }
  return starts.map(pathOf)
}

interface FeatureEncoder {
  readonly file: string
  /** Side of the input pictures. */
  readonly side: number
  readonly width: number
  /** Patches of a picture. */
  readonly cells: number
  /** Half-float bits [pictures, cells, width]. */
  run(pictures: readonly RgbImage[]): Promise<Uint16Array>
  close(): Promise<void>
}

async function openFeatureEncoder(
  encoder: OpenEncoder,
  { layer }: FeaturePlan,
  provider: Provider,
): Promise<FeatureEncoder> {
  const { width, patch, grid } = dinov2Config(encoder.tensors)
  const side = grid.side * patch
  const graph = dinov2Features(encoder.tensors, { size: side, layer }, 'f16')
  const session = await openSession(graphToOnnx(graph), { provider })
  return {
    file: encoder.file.path,
    side,
    width,
    cells: grid.cells,
    async run(pictures) {
      const { features } = await session.run({ pixels: picturesToPixels(pictures, side) })
      return features!.data as Uint16Array
    },
    close: () => session.close(),
  }
}

async function encodeShard(
  encoder: FeatureEncoder,
  plan: FeaturePlan,
  from: number,
  callbacks: RunCallbacks,
): Promise<{ rows: Uint16Array; unreadable: string[] }> {
  const { pictures, batchSize } = plan
  const { width, cells } = encoder
  const to = Math.min(pictures.length, from + FILE_PICTURES)
  const perPicture = Math.max(1, Math.round(plan.patches * cells))
  const rows: Uint16Array[] = []
  const unreadable: string[] = []
  for (let start = from; start < to; start += batchSize) {
    callbacks.signal.throwIfAborted()
    const numbers: number[] = []
    const batch: RgbImage[] = []
    for (let number = start; number < Math.min(to, start + batchSize); number++) {
      try {
        batch.push(prepared(await decodeImage(pictures[number]!), encoder.side, number, plan))
        numbers.push(number)
      } catch (error) {
        if (!(error instanceof FormatError)) throw error
        unreadable.push(error.message)
      }
    }
    const all = batch.length > 0 ? await encoder.run(batch) : new Uint16Array()
    const wrong = firstNotFiniteHalf(all)
    if (wrong >= 0) {
      const patch = Math.floor(wrong / width)
      throw new ModelError(
        `${encoder.file}: features of ${pictures[numbers[Math.floor(patch / cells)]!]}, patch ${patch % cells}: not finite in half precision (the weights may contain NaN or infinity)`,
      )
    }
    for (const [i, number] of numbers.entries())
      for (const patch of chosenPatches(plan.seed, number, perPicture, cells)) {
        const at = (i * cells + patch) * width
        rows.push(all.slice(at, at + width))
      }
    callbacks.progress(Math.min(to, start + batchSize), pictures.length, 'features')
  }
  const joined = new Uint16Array(rows.length * width)
  rows.forEach((row, i) => joined.set(row, i * width))
  return { rows: joined, unreadable }
}

/** Positions 0 to 2 of a picture's random stream determine its crop, the following ones its patches. */
const [LEFT, TOP, FLIP, PATCHES] = [0, 1, 2, 3]
/** Position that decides whether a picture is used; after the patches of DiGIT's grid. */
const PICTURE = PATCHES + DIGIT_GRID.cells

function prepared(image: RgbImage, side: number, number: number, { augment, seed }: FeaturePlan): RgbImage {
  if (!augment) return preprocess(image, side)
  const draw = (position: number) => uniform(seed, number, 'kmeans', position)
  return cropAndFlip(image, side, { left: draw(LEFT), top: draw(TOP), flip: draw(FLIP) < 0.5 })
}

/** `count` of a picture's patches, those with the smallest draws, in raster order. */
function chosenPatches(seed: number, picture: number, count: number, cells: number): number[] {
  const all = Array.from({ length: cells }, (_, patch) => patch)
  if (count === cells) return all
  const draws = all.map((patch) => uniform(seed, picture, 'kmeans', PATCHES + patch))
  return all
    .sort((a, b) => draws[a]! - draws[b]!)
    .slice(0, count)
    .sort((a, b) => a - b)
}

/** Adds each line once, because a session that ended right after this resumes with the same pictures. */
async function addLines(path: string, lines: readonly string[]): Promise<void> {
  const before = (await readFile(path, 'utf8').catch(() => '')).split('\n')
  const all = new Set([...before, ...lines].filter((line) => line !== ''))
  await writeFileAtomic(path, [...all].join('\n') + '\n')
}

/** Adds what shards skipped to the list of all. */
export async function joinUnreadable(folder: string, suffixes: readonly string[]): Promise<void> {
  const lists = suffixes.map((suffix) => join(folder, `unreadable${suffix}.txt`))
  const lines = await Promise.all(lists.map((path) => readFile(path, 'utf8').catch(() => '')))
  const all = lines.flatMap((text) => text.split('\n')).filter((line) => line !== '')
  if (all.length > 0) await addLines(join(folder, 'unreadable.txt'), all)
}

/** `share` of the pictures, drawn at random, in their order. Throws RequestError if none is left. */
export function chosenPictures(pictures: readonly string[], share: number, seed: number): string[] {
  const count = Math.round(pictures.length * share)
  if (count === 0) throw new RequestError(`a fraction of ${share} of ${pictures.length} pictures leaves none`)
  const draws = pictures.map((_, i) => uniform(seed, i, 'kmeans', PICTURE))
  const order = pictures.map((_, i) => i).sort((a, b) => draws[a]! - draws[b]!)
  return order
    .slice(0, count)
    .sort((a, b) => a - b)
    .map((i) => pictures[i]!)
}
