// The files of the features of one image set and one extractor, which grow by whole images.
//   FOLDER/features-DIGEST/features.npy ...   f32 [images, width], one file per layer
//   FOLDER/features-DIGEST/pixels.npy         u8 [images, 32], sha256 of each image's pixels as the network saw them
//   FOLDER/features-DIGEST/*.npy.sha256       of every row; images whose rows do not match are read again
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { cacheFolder } from '../../model-set/cache.ts'
import { LockedError, takeLock } from '../../records/folder-lock.ts'
import { openRowFile, type RowFile } from '../../records/row-file.ts'
import { EXTRACTOR_VERSION, type Extractor } from './extractor.ts'
import type { ImageSet } from './image-set.ts'

const HASH_BYTES = 32
/** Bytes of the .npy header. */
const NPY_HEAD = 128

type CachedSet = Pick<ImageSet, 'identity' | 'width' | 'height'>
type Network = Pick<Extractor, 'name' | 'sha256'>

/** The features of this set and network in `folder`, which may hold those of others. */
export function featuresFolder(
  { identity, width, height }: CachedSet,
  { name, sha256 }: Network,
  folder: string,
): string {
  const key = JSON.stringify([identity, width, height, name, sha256, EXTRACTOR_VERSION])
  return join(folder, `features-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`)
}

/** Number of images whose features are already cached. */
export async function cachedImages(
  set: CachedSet,
  network: Network,
  folder = cacheFolder(),
): Promise<number> {
  const path = join(featuresFolder(set, network, folder), 'pixels.npy')
  const { size } = await stat(path).catch(() => ({ size: 0 }))
  return Math.max(0, Math.floor((size - NPY_HEAD) / HASH_BYTES))
}

/** How often a lock that another process holds is tried. */
const TRY_MS = 500

/** Features that another process computes are worth waiting for. `waiting` is called before each pause. */
export async function takeWhenFree(lock: string, waiting: () => void): Promise<void> {
  for (;;)
    try {
      return await takeLock(lock)
    } catch (error) {
      if (!(error instanceof LockedError) || error.isUnsure) throw error
      waiting()
      await wait(TRY_MS)
    }
}

export interface FeatureFiles {
  /** Images whose features are complete. */
  readonly rows: number
  readonly layers: Readonly<Record<string, RowFile>>
  /** sha256 of the pixels of each image. */
  readonly pixels: RowFile
  append(layers: Readonly<Record<string, Float32Array>>, pixels: Uint8Array): Promise<void>
  /** Appends rows `[from, to)` of another folder. */
  copy(other: FeatureFiles, from: number, to: number): Promise<void>
  close(): Promise<void>
}

/** Opens or creates the files of `count` images in a folder, and checks every row in them. */
export async function openFeatureFiles(
  folder: string,
  { layers }: Pick<Extractor, 'layers'>,
  count: number,
): Promise<FeatureFiles> {
  const files: Record<string, RowFile> = {}
  const close = async () => {
    for (const file of Object.values(files)) await file.close()
  }
  try {
    for (const [layer, width] of Object.entries(layers))
      files[layer] = await openRowFile(join(folder, `${layer}.npy`), 'f32', count, width)
    const pixels = await openRowFile(join(folder, 'pixels.npy'), 'u8', count, HASH_BYTES)
    const ofLayers = { ...files }
    files.pixels = pixels
    const done = Math.min(...Object.values(files).map(({ rows }) => rows))
    for (const file of Object.values(files)) await file.cut(done)
    // The pixels come last: an image is complete once its pixels are there.
    const append: FeatureFiles['append'] = async (values, hashes) => {
      for (const [layer, file] of Object.entries(ofLayers)) await file.append(values[layer]!)
      await pixels.append(hashes)
    }
    return {
      get rows() {
        return pixels.rows
      },
      layers: ofLayers,
      pixels,
      append,
      async copy(other, from, to) {
        const values: Record<string, Float32Array> = {}
        for (const [layer, file] of Object.entries(other.layers))
          values[layer] = new Float32Array((await file.read(from, to)).buffer)
        await append(values, await other.pixels.read(from, to))
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
