// Tokens of a data set -> the cells of every entry, nearest first, stored contiguously. N = cells, K = entries.
import type { GridShape } from '../../../shared/grid/shape.ts'
import type { TokenColumns } from '../dataset/columns.ts'

export interface Members {
  /** Grid of every image. */
  readonly grid: GridShape
  /** [K + 1]: entry k has places starts[k] to starts[k + 1] of the other arrays. */
  readonly starts: Uint32Array
  /** [N]: image * grid.cells + position, by entry, then by distance, then by number. */
  readonly cells: Uint32Array
  /** [N]: squared distances in the same order; absent where unknown. */
  readonly distances?: Float32Array
}

export function tokensToMembers({ grid, tokens, distances }: TokenColumns, K: number): Members {
  const N = tokens.length
  let order = Uint32Array.from({ length: N }, (_, cell) => cell)
  if (distances) {
    // Non-negative floats sort like their bits.
    const bits = new Uint32Array(distances.buffer, distances.byteOffset, N)
    order = sorted(order, 2 ** 16, (cell) => bits[cell]! & 0xffff).order
    order = sorted(order, 2 ** 16, (cell) => bits[cell]! >>> 16).order
  }
  const { order: cells, starts } = sorted(order, K, (cell) => tokens[cell]!)
  if (!distances) return { grid, starts, cells }
  const inOrder = new Float32Array(N)
  for (let i = 0; i < N; i++) inOrder[i] = distances[cells[i]!]!
  return { grid, starts, cells, distances: inOrder }
}

/** Stable counting sort. `starts` has one entry per key and one more. */
function sorted(
  items: Uint32Array,
  keys: number,
  keyOf: (item: number) => number,
): { order: Uint32Array<ArrayBuffer>; starts: Uint32Array } {
  const starts = new Uint32Array(keys + 1)
  for (let i = 0; i < items.length; i++) starts[keyOf(items[i]!) + 1]!++
  for (let key = 0; key < keys; key++) starts[key + 1]! += starts[key]!
  const next = starts.slice()
  const order = new Uint32Array(items.length)
  for (let i = 0; i < items.length; i++) order[next[keyOf(items[i]!)]!++] = items[i]!
  return { order, starts }
}
