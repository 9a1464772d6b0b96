// Which entries lie right, left, above and below every entry: the most frequent of each.
import { DIGIT_GRID } from '../../../shared/grid/layout.ts'
import { DIRECTIONS, type Direction } from '../../../shared/atlas/atlas.ts'
import { largest } from './largest.ts'
import type { Members } from './members.ts'

/** Cell beside a position, or -1 at the edge. */
const BESIDE: Readonly<Record<Direction, (position: number) => number>> = {
  right: (position) => (position % DIGIT_GRID.side < DIGIT_GRID.side - 1 ? position + 1 : -1),
  left: (position) => (position % DIGIT_GRID.side > 0 ? position - 1 : -1),
  above: (position) => (position >= DIGIT_GRID.side ? position - DIGIT_GRID.side : -1),
  below: (position) => (position < DIGIT_GRID.cells - DIGIT_GRID.side ? position + DIGIT_GRID.side : -1),
}

/** Of the cells at these positions, [256], how many have a neighbour in a direction. */
export function cellsWithNeighbour(positions: ArrayLike<number>, direction: Direction): number {
  let sum = 0
  for (let position = 0; position < DIGIT_GRID.cells; position++)
    if (BESIDE[direction](position) >= 0) sum += positions[position]!
  return sum
}

/** For every entry and each of DIRECTIONS the `top` most frequent neighbours: [K, 4, top, 2] of entry and count. */
export function besideCounts(tokens: Int32Array, { starts, cells }: Members, top: number): Int32Array {
  const K = starts.length - 1
  const table = DIRECTIONS.map((direction) =>
    Int16Array.from({ length: DIGIT_GRID.cells }, (_, position) => BESIDE[direction](position)),
  )
  const all = new Int32Array(K * DIRECTIONS.length * top * 2)
  const counts = new Uint32Array(K)
  for (let k = 0; k < K; k++)
    for (const [d, beside] of table.entries()) {
      for (let i = starts[k]!; i < starts[k + 1]!; i++) {
        const cell = cells[i]!
        const neighbour = beside[cell % DIGIT_GRID.cells]!
        if (neighbour >= 0) counts[tokens[cell - (cell % DIGIT_GRID.cells) + neighbour]!]!++
      }
      all.set(largest(counts, top), (k * DIRECTIONS.length + d) * top * 2)
      counts.fill(0)
    }
  return all
}
