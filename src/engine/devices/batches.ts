// Splits batches so that no tensor comes near the largest allocation that works on every host, and none fills the memory
// of a device.
import { MAX_ALLOCATION_BYTES } from '../session/index.ts'

/** Number of images whose largest tensor stays below the limit. */
export const imagesAtOnce = (bytesPerImage: number): number =>
  Math.max(1, Math.floor(MAX_ALLOCATION_BYTES / bytesPerImage))

/**
 * Runs `part` over [0, count) in batches of at most `atOnce`, one after another, and concatenates the results. A batch
 * that the device has no memory for is tried again in halves.
 */
export type InBatches = <T>(
  count: number,
  atOnce: number,
  part: (from: number, to: number) => Promise<T[]>,
) => Promise<T[]>

/** For the batches of one network: what the device had the memory for is remembered. */
export function batchesThatFit(): InBatches {
  let fitting = Infinity
  return async (count, atOnce, part) => {
    const results = []
    for (let from = 0; from < count;) {
      const to = Math.min(count, from + Math.min(atOnce, fitting))
      try {
        results.push(...(await part(from, to)))
        from = to
      } catch (error) {
        if (to - from === 1 || !isOutOfMemory(error)) throw error
        fitting = Math.ceil((to - from) / 2)
      }
    }
    return results
  }
}

/** Batches without a memory of earlier ones. */
export const inBatches: InBatches = (count, atOnce, part) => batchesThatFit()(count, atOnce, part)

/** Messages of onnxruntime's allocators: its arena, CUDA, WebGPU, DirectML (E_OUTOFMEMORY), the processor. */
export const isOutOfMemory = (error: unknown): boolean =>
  /out of memory|failed to allocate memory|available memory of \d+ is smaller|bad_alloc|8007000e|not enough memory/i.test(
    (error as Error).message,
  )
