// How fast this machine extracted features with a network the last time: CACHE/rate-SHA.json.
import { join } from 'node:path'
import { cacheFolder, readCachedJson, writeCachedJson } from '../../model-set/cache.ts'

/** With fewer, opening the network dominates the time. */
const LEAST_IMAGES = 16
const HASH_DIGITS = 32

const rateFile = (sha256: string, folder: string) => join(folder, `rate-${sha256.slice(0, HASH_DIGITS)}.json`)

/** Seconds per image; undefined if the network has not been used on this machine. */
export async function readRate(sha256: string, folder = cacheFolder()): Promise<number | undefined> {
  const seconds = await readCachedJson(rateFile(sha256, folder))
  return typeof seconds === 'number' && seconds > 0 ? seconds : undefined
}

/** Starts timing. The returned function stores the rate once enough images are done. */
export function timeExtraction(sha256: string, folder: string): (images: number) => Promise<void> {
  const begun = performance.now()
  return async (images) => {
    if (images < LEAST_IMAGES) return
    const seconds = (performance.now() - begun) / 1000 / images
    // A full disk must not stop a measurement because of this file.
    await writeCachedJson(rateFile(sha256, folder), seconds).catch(() => {})
  }
}
