// An image set and an extractor -> features on disk, computed once. A stopped run resumes where it stopped.
//   CACHE/features-DIGEST/features.npy ...   f32 [images, width], one file per layer
//   CACHE/features-DIGEST/pixels.npy         u8 [images, 32], sha256 of each image's pixels as the network saw them
//   CACHE/features-DIGEST/*.npy.sha256       of every row; images whose rows do not match are read again
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ModelError } from '../../../shared/errors.ts'
import { firstNotFinite } from '../../../shared/finite.ts'
import { makeFolder } from '../../bytes/index.ts'
import { cacheFolder } from '../../model-set/cache.ts'
import type { RgbImage } from '../../images/index.ts'
import type { FeatureRows } from '../../metrics/index.ts'
import { LockedError, releaseLock, takeLock } from '../../records/folder-lock.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import { EXTRACTOR_VERSION, IMAGES_AT_ONCE, type Extractor } from './extractor.ts'
import type { ImageSet } from './image-set.ts'
import { timeExtraction } from './extraction-rate.ts'
import { openRowFile, type RowFile } from '../../records/row-file.ts'

export interface SetFeatures {
  readonly layers: Readonly<Record<string, FeatureRows>>
  /** Hash of the pixels of all images in order. It identifies a set wherever its files are. */
  readonly sha256: string
  /** Where they are cached. What is computed from them alone is stored beside them. */
  readonly folder: string
  close(): Promise<void>
}

const HASH_BYTES = 32
/** Bytes of the .npy header. */
const NPY_HEAD = 128

type CachedSet = Pick<ImageSet, 'identity' | 'width' | 'height'>
type Network = Pick<Extractor, 'name' | 'sha256'>

function featuresFolder({ identity, width, height }: CachedSet, { name, sha256 }: Network, folder: string) {
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
async function takeWhenFree(lock: string, waiting: () => void): Promise<void> {
  for (;;)
    try {
      return await takeLock(lock)
    } catch (error) {
      if (!(error instanceof LockedError) || error.isUnsure) throw error
      waiting()
      await wait(TRY_MS)
    }
}

/** Extracts missing features. `progress` counts images. Rejects with the signal's reason when it is aborted. */
export async function openSetFeatures(
  set: ImageSet,
  extractor: Extractor,
  { signal, progress, turn }: Pick<RunCallbacks, 'signal' | 'progress' | 'turn'>,
  folder = cacheFolder(),
): Promise<SetFeatures> {
  const { name, sha256, layers } = extractor
  const path = featuresFolder(set, extractor, folder)
  await makeFolder(path)
  const lock = join(path, '.lock')
  await takeWhenFree(lock, () => {
    signal.throwIfAborted()
    progress(0, set.count, `another process is computing ${name} features of ${set.path}; waiting for it`)
  })
  const files: Record<string, RowFile> = {}
  const close = async () => {
    for (const file of Object.values(files)) await file.close()
  }
  try {
    for (const [layer, width] of Object.entries(layers))
      files[layer] = await openRowFile(join(path, `${layer}.npy`), 'f32', set.count, width)
    const pixels = (files.pixels = await openRowFile(join(path, 'pixels.npy'), 'u8', set.count, HASH_BYTES))
    const done = Math.min(...Object.values(files).map(({ rows }) => rows))
    for (const file of Object.values(files)) await file.cut(done)
    const note = `${name} features of ${set.path}`
    progress(done, set.count, note)
    let batch: RgbImage[] = []
    const flush = async () => {
      await turn?.()
      signal.throwIfAborted()
      const found = await extractor.extract(batch)
      for (const [layer, width] of Object.entries(layers)) {
        const wrong = firstNotFinite(found[layer]!)
        if (wrong >= 0)
          throw new ModelError(
            `${extractor.file}: ${layer} of ${set.nameOf(pixels.rows + Math.floor(wrong / width))}: not finite (the weights may contain NaN or infinity)`,
          )
      }
      for (const layer of Object.keys(layers)) await files[layer]!.append(found[layer]!)
      const hashes = batch.map(({ rgb }) => createHash('sha256').update(rgb).digest())
      await pixels.append(new Uint8Array(Buffer.concat(hashes)))
      batch = []
      progress(pixels.rows, set.count, note)
    }
    const keepRate = timeExtraction(sha256, folder)
    if (done < set.count)
      for await (const image of set.images(done)) if (batch.push(image) === IMAGES_AT_ONCE) await flush()
    if (batch.length > 0) await flush()
    await keepRate(pixels.rows - done)
    const rows = (file: RowFile, width: number): FeatureRows => ({
      count: set.count,
      width,
      read: async (from, to) => new Float32Array((await file.read(from, to)).buffer),
    })
    return {
      layers: Object.fromEntries(
        Object.entries(layers).map(([layer, width]) => [layer, rows(files[layer]!, width)]),
      ),
      sha256: createHash('sha256')
        .update(await pixels.read(0, set.count))
        .digest('hex'),
      folder: path,
      close,
    }
  } catch (error) {
    await close()
    throw error
  } finally {
    // Complete files are only read; the lock is for writers.
    await releaseLock(lock)
  }
}
