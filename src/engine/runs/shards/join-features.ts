// Features that shards extracted from blocks of an image set -> the features of the whole set, without reading an image.
import { join } from 'node:path'
import { makeFolder } from '../../bytes/index.ts'
import { cacheFolder } from '../../model-set/cache.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import { releaseLock } from '../../records/folder-lock.ts'
import { IMAGES_AT_ONCE, type Extractor } from '../evaluation/extractor.ts'
import { cachedImages, featuresFolder, openFeatureFiles, takeWhenFree } from '../evaluation/feature-files.ts'
import { openSetFeatures } from '../evaluation/features.ts'
import type { ImageSet } from '../evaluation/image-set.ts'
import { blockOf, blocksOf, type Block, type Shard } from './block.ts'

/** Rows copied at once. */
const ROWS = 1024

type Callbacks = Pick<RunCallbacks, 'signal' | 'progress' | 'turn'>

/** Extracts the features of a shard's block to `folder`, unless those of the whole set are known already. */
export async function extractBlock(
  set: ImageSet,
  extractor: Extractor,
  shard: Shard,
  folder: string,
  callbacks: Callbacks,
): Promise<void> {
  const block = blockOf(set.count, IMAGES_AT_ONCE, shard)
  if (block.from === block.to || (await cachedImages(set, extractor)) === set.count) return
  const { close } = await openSetFeatures(blockOfSet(set, block), extractor, callbacks, folder)
  await close()
}

/**
 * Puts the features of all blocks into the cache of the whole set, in order. What is missing is left to
 * `openSetFeatures`.
 */
export async function joinFeatures(
  set: ImageSet,
  extractor: Extractor,
  shards: number,
  folder: string,
  { signal, progress }: Callbacks,
): Promise<void> {
  const path = featuresFolder(set, extractor, cacheFolder())
  await makeFolder(path)
  const lock = join(path, '.lock')
  await takeWhenFree(lock, () => signal.throwIfAborted())
  try {
    const whole = await openFeatureFiles(path, extractor, set.count)
    try {
      for (const block of blocksOf(set.count, IMAGES_AT_ONCE, shards)) {
        const size = block.to - block.from
        if (block.to <= whole.rows) continue
        const partFolder = featuresFolder(blockOfSet(set, block), extractor, folder)
        await makeFolder(partFolder)
        const part = await openFeatureFiles(partFolder, extractor, size)
        try {
          for (let from = whole.rows - block.from; from < part.rows; from += ROWS) {
            signal.throwIfAborted()
            await whole.copy(part, from, Math.min(part.rows, from + ROWS))
            progress(whole.rows, set.count, `joining ${extractor.name} features of ${set.path}`)
          }
        } finally {
          await part.close()
        }
        if (whole.rows < block.to) break
      }
    } finally {
      await whole.close()
    }
  } finally {
    await releaseLock(lock)
  }
}

/** The images of a block as a set of their own. */
function blockOfSet(set: ImageSet, { from, to }: Block): ImageSet {
  return {
    ...set,
    count: to - from,
    identity: `${set.identity}|${from}-${to}`,
    nameOf: (image) => set.nameOf(from + image),
    numberOf: (image) => set.numberOf(from + image),
    look: (image, whole) => set.look(from + image, whole),
    image: (number) => set.image(from + number),
    async *images(start = 0) {
      let left = to - from - start
      if (left <= 0) return
      for await (const image of set.images(from + start)) {
        yield image
        if (--left === 0) return
      }
    },
  }
}
