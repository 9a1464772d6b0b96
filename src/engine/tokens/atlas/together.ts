// Entries that occur in the same images: by number of images, and by lift over chance.
import { largest } from './largest.ts'
import type { TokenColumns } from '../dataset/columns.ts'
import type { Members } from './members.ts'

/** With fewer common images, lift is mostly chance. */
export const LIFT_MIN_IMAGES = 5

/** The distinct entries of each image, concatenated. */
export interface ImageEntries {
  /** [images + 1] */
  readonly starts: Uint32Array
  readonly entries: Int32Array
}

export function distinctEntries({ images, tokens, grid }: TokenColumns, K: number): ImageEntries {
  const starts = new Uint32Array(images + 1)
  const entries = new Int32Array(tokens.length)
  const seenIn = new Int32Array(K).fill(-1)
  let count = 0
  for (let image = 0; image < images; image++) {
    for (let cell = image * grid.cells; cell < (image + 1) * grid.cells; cell++) {
      const token = tokens[cell]!
      if (seenIn[token] === image) continue
      seenIn[token] = image
      entries[count++] = token
    }
    starts[image + 1] = count
  }
  return { starts, entries: entries.slice(0, count) }
}

/** Images with each entry, [K]. */
export function imagesPerEntry({ entries }: ImageEntries, K: number): Uint32Array {
  const images = new Uint32Array(K)
  for (let i = 0; i < entries.length; i++) images[entries[i]!]!++
  return images
}

/**
 * For every entry the `top` others with the most images in common, and the `top` with the highest lift
 * n n_ab / (n_a n_b) among those with at least LIFT_MIN_IMAGES: [K, 2, top, 2] of entry and images in common.
 */
export function togetherCounts(distinct: ImageEntries, members: Members, top: number): Int32Array {
  const K = members.starts.length - 1
  const images = imagesPerEntry(distinct, K)
  const all = new Int32Array(K * 2 * top * 2)
  const counts = new Uint32Array(K)
  const seenBy = new Int32Array(distinct.starts.length).fill(-1)
  for (let k = 0; k < K; k++) {
    for (let i = members.starts[k]!; i < members.starts[k + 1]!; i++) {
      const image = Math.floor(members.cells[i]! / members.grid.cells)
      if (seenBy[image] === k) continue
      seenBy[image] = k
      countEntries(distinct.entries, distinct.starts[image]!, distinct.starts[image + 1]!, counts)
    }
    counts[k] = 0
    const lift = (entry: number, count: number) =>
      count < LIFT_MIN_IMAGES ? -Infinity : count / images[entry]!
    all.set(largest(counts, top), k * 2 * top * 2)
    all.set(largest(counts, top, lift), (k * 2 + 1) * top * 2)
    counts.fill(0)
  }
  return all
}

/** The hot loop: images times the square of their distinct entries. */
function countEntries(entries: Int32Array, from: number, to: number, counts: Uint32Array): void {
  for (let i = from; i < to; i++) counts[entries[i]!]!++
}
