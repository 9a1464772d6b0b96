// Splits batches so that no tensor comes near the largest allocation that works on every host.
import { MAX_ALLOCATION_BYTES } from '../session/index.ts'

/** Number of images whose largest tensor stays below the limit. */
export const imagesAtOnce = (bytesPerImage: number): number =>
  Math.max(1, Math.floor(MAX_ALLOCATION_BYTES / bytesPerImage))

/** Runs `part` over [0, count) in batches of at most `atOnce`, one after another, and concatenates the results. */
export async function inBatches<T>(
  count: number,
  atOnce: number,
  part: (from: number, to: number) => Promise<T[]>,
): Promise<T[]> {
  const results: T[] = []
  for (let from = 0; from < count; from += atOnce)
    results.push(...(await part(from, Math.min(count, from + atOnce))))
  return results
}
