// An image set and an extractor -> features on disk, computed once. A stopped run resumes where it stopped.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { ModelError } from '../../../shared/errors.ts'
import { firstNotFinite } from '../../../shared/finite.ts'
import { makeFolder } from '../../bytes/index.ts'
import { cacheFolder } from '../../model-set/cache.ts'
import type { RgbImage } from '../../images/index.ts'
import type { FeatureRows } from '../../metrics/index.ts'
import { releaseLock } from '../../records/folder-lock.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import { IMAGES_AT_ONCE, type Extractor } from './extractor.ts'
import type { ImageSet } from './image-set.ts'
import { timeExtraction } from './extraction-rate.ts'
import { featuresFolder, openFeatureFiles, takeWhenFree } from './feature-files.ts'
import type { RowFile } from '../../records/row-file.ts'

export interface SetFeatures {
  readonly layers: Readonly<Record<string, FeatureRows>>
  /** Hash of the pixels of all images in order. It identifies a set wherever its files are. */
  readonly sha256: string
  /** Where they are cached. What is computed from them alone is stored beside them. */
  readonly folder: string
  close(): Promise<void>
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
  let files: Awaited<ReturnType<typeof openFeatureFiles>> | undefined
  try {
    files = await openFeatureFiles(path, extractor, set.count)
    const { pixels, append } = files
    const done = pixels.rows
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
      const hashes = batch.map(({ rgb }) => createHash('sha256').update(rgb).digest())
      await append(found, new Uint8Array(Buffer.concat(hashes)))
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
    const ofLayers = files.layers
    return {
      layers: Object.fromEntries(
        Object.entries(layers).map(([layer, width]) => [layer, rows(ofLayers[layer]!, width)]),
      ),
      sha256: createHash('sha256')
        .update(await pixels.read(0, set.count))
        .digest('hex'),
      folder: path,
      close: files.close,
    }
  } catch (error) {
    await files?.close()
    throw error
  } finally {
    // Complete files are only read; the lock is for writers.
    await releaseLock(lock)
  }
}
