// Which entries lie right, left, above and below every entry: the most frequent of each.
import { DIRECTIONS, type Direction } from '../../../shared/atlas/atlas.ts'
import { CELLS } from '../dataset/rows.ts'
import { largest } from './largest.ts'
import type { Members } from './members.ts'

const GRID = 16

/** Cell beside a position, or -1 at the edge. */
const BESIDE: Readonly<Record<Direction, (position: number) => number>> = {
  right: (position) => (position % GRID < GRID - 1 ? position + 1 : -1),
  left: (position) => (position % GRID > 0 ? position - 1 : -1),
  above: (position) => (position >= GRID ? position - GRID : -1),
  below: (position) => (position < CELLS - GRID ? position + GRID : -1),
}

/** Of the cells at these positions, [256], how many have a neighbour in a direction. */
export function cellsWithNeighbour(positions: ArrayLike<number>, direction: Direction): number {
  let sum = 0
  for (let position = 0; position < CELLS; position++)
    if (BESIDE[direction](position) >= 0) sum += positions[position]!
  return sum
}

/** For every entry and each of DIRECTIONS the `top` most frequent neighbours: [K, 4, top, 2] of entry and count. */
export function besideCounts(tokens: Int32Array, { starts, cells }: Members, top: number): Int32Array {
  const K = starts.length - 1
  const table = DIRECTIONS.map((direction) =>
    Int16Array.from({ length: CELLS }, (_, position) => BESIDE[direction](position)),
  )
  const all = new Int32Array(K * DIRECTIONS.length * top * 2)
  const counts = new Uint32Array(K)
  for (let k = 0; k < K; k++)
    for (const [d, beside] of table.entries()) {
      for (let i = starts[k]!; i < starts[k + 1]!; i++) {
        const cell = cells[i]!
        const neighbour = beside[cell % CELLS]!
        if (neighbour >= 0) counts[tokens[cell - (cell % CELLS) + neighbour]!]!++
      }
      all.set(largest(counts, top), (k * DIRECTIONS.length + d) * top * 2)
      counts.fill(0)
    }
  return all
}
