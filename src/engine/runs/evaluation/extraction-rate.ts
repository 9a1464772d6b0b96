// How fast this machine took features with a network the last time: CACHE/rate-SHA.json.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../bytes/index.ts'
import { cacheFolder } from '../../model-set/cache.ts'

/** Fewer say more about how the network was opened than about how fast it is. */
const LEAST_IMAGES = 16
const HASH_DIGITS = 32

const rateFile = (sha256: string, folder: string) => join(folder, `rate-${sha256.slice(0, HASH_DIGITS)}.json`)

/** Seconds an image; undefined where the network has not been used on this machine. */
export async function readRate(sha256: string, folder = cacheFolder()): Promise<number | undefined> {
  try {
    const { seconds } = JSON.parse(await readFile(rateFile(sha256, folder), 'utf8')) as { seconds?: unknown }
    return typeof seconds === 'number' && seconds > 0 ? seconds : undefined
  } catch {
    return undefined
  }
}

/** Begins to take the time; the function it gives keeps the rate once enough images are through. */
export function timeExtraction(sha256: string, folder: string): (images: number) => Promise<void> {
  const begun = performance.now()
  return async (images) => {
    if (images < LEAST_IMAGES) return
    const seconds = (performance.now() - begun) / 1000 / images
    // A full disk must not end a measurement over this.
    await writeFileAtomic(rateFile(sha256, folder), JSON.stringify({ seconds })).catch(() => {})
  }
}
