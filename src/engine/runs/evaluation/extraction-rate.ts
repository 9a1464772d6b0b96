// How fast this machine extracted features with a network the last time: CACHE/rate-SHA.json.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../bytes/index.ts'
import { cacheFolder } from '../../model-set/cache.ts'
import { parseJson } from '../../../shared/plain-json.ts'

/** With fewer, opening the network dominates the time. */
const LEAST_IMAGES = 16
const HASH_DIGITS = 32

const rateFile = (sha256: string, folder: string) => join(folder, `rate-${sha256.slice(0, HASH_DIGITS)}.json`)

/** Seconds per image; undefined if the network has not been used on this machine. */
export async function readRate(sha256: string, folder = cacheFolder()): Promise<number | undefined> {
  try {
    const { seconds } = parseJson(await readFile(rateFile(sha256, folder), 'utf8')) as { seconds?: unknown }
    return typeof seconds === 'number' && seconds > 0 ? seconds : undefined
  } catch {
    return undefined
  }
}

/** Starts timing. The returned function stores the rate once enough images are done. */
export function timeExtraction(sha256: string, folder: string): (images: number) => Promise<void> {
  const begun = performance.now()
  return async (images) => {
    if (images < LEAST_IMAGES) return
    const seconds = (performance.now() - begun) / 1000 / images
    // A full disk must not stop a measurement because of this file.
    await writeFileAtomic(rateFile(sha256, folder), JSON.stringify({ seconds })).catch(() => {})
  }
}
