// Batches split so that no tensor comes near the largest allocation every host survives.
import { MAX_ALLOCATION_BYTES } from '../session/index.ts'

/** Images whose largest tensor, of so many bytes an image, stays below the limit. */
export const imagesAtOnce = (bytesPerImage: number): number =>
  Math.max(1, Math.floor(MAX_ALLOCATION_BYTES / bytesPerImage))

/** Runs `part` over [0, count) in batches of at most `atOnce`, one after another, and joins what it gives. */
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
