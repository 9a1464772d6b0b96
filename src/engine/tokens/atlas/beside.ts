// The most frequent neighbours of every entry to the right, left, above and below.
import { DIRECTIONS, type Direction } from '../../../shared/atlas/atlas.ts'
import type { GridShape } from '../../../shared/grid/shape.ts'
import { largest } from './largest.ts'
import type { Members } from './members.ts'

/** Neighbouring cell of a position, or -1 at the edge. */
const BESIDE: Readonly<Record<Direction, (position: number, grid: GridShape) => number>> = {
  right: (position, { side }) => (position % side < side - 1 ? position + 1 : -1),
  left: (position, { side }) => (position % side > 0 ? position - 1 : -1),
  above: (position, { side }) => (position >= side ? position - side : -1),
  below: (position, { side, cells }) => (position < cells - side ? position + side : -1),
}

/** Number of cells at these positions [cells of the grid] that have a neighbour in a direction. */
export function cellsWithNeighbour(
  positions: ArrayLike<number>,
  direction: Direction,
  grid: GridShape,
): number {
  let sum = 0
  for (let position = 0; position < grid.cells; position++)
    if (BESIDE[direction](position, grid) >= 0) sum += positions[position]!
  return sum
}

/** For every entry and each of DIRECTIONS the `top` most frequent neighbours: [K, 4, top, 2] of entry and count. */
export function besideCounts(tokens: Int32Array, { grid, starts, cells }: Members, top: number): Int32Array {
  const K = starts.length - 1
  const table = DIRECTIONS.map((direction) =>
    Int32Array.from({ length: grid.cells }, (_, position) => BESIDE[direction](position, grid)),
  )
  const all = new Int32Array(K * DIRECTIONS.length * top * 2)
  const counts = new Uint32Array(K)
  for (let k = 0; k < K; k++)
    for (const [d, beside] of table.entries()) {
      for (let i = starts[k]!; i < starts[k + 1]!; i++) {
        const cell = cells[i]!
        const neighbour = beside[cell % grid.cells]!
        if (neighbour >= 0) counts[tokens[cell - (cell % grid.cells) + neighbour]!]!++
      }
      all.set(largest(counts, top), (k * DIRECTIONS.length + d) * top * 2)
      counts.fill(0)
    }
  return all
}
