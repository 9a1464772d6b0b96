// Sets of cells of a grid as masks with one byte per cell (1 in the set): how they are created, combined and outlined.
import { columnOf, gridOfCells, rowOf, type GridShape } from '../../../shared/grid/shape.ts'

/** One entry per cell, 0 or 1, raster order. */
export type CellMask = Uint8Array

/** The cells that satisfy a predicate. */
export const cellsWhere = ({ cells }: GridShape, test: (cell: number) => boolean): CellMask =>
  Uint8Array.from({ length: cells }, (_, cell) => (test(cell) ? 1 : 0))

export const noCells = ({ cells }: GridShape): CellMask => new Uint8Array(cells)
export const allCells = (grid: GridShape): CellMask => cellsWhere(grid, () => true)

/** Every cell of the rectangle with these corners. */
export function rectangle(grid: GridShape, corner: number, opposite: number): CellMask {
  const between = (at: number, a: number, b: number) => at >= Math.min(a, b) && at <= Math.max(a, b)
  return cellsWhere(
    grid,
    (cell) =>
      between(rowOf(cell, grid), rowOf(corner, grid), rowOf(opposite, grid)) &&
      between(columnOf(cell, grid), columnOf(corner, grid), columnOf(opposite, grid)),
  )
}

/** The cells on the straight line between two, both included: a fast pointer skips cells. */
export function line(grid: GridShape, from: number, to: number): CellMask {
  const mask = noCells(grid)
  const steps = Math.max(
    Math.abs(rowOf(to, grid) - rowOf(from, grid)),
    Math.abs(columnOf(to, grid) - columnOf(from, grid)),
    1,
  )
  for (let step = 0; step <= steps; step++) {
    const at = (a: number, b: number) => Math.round(a + ((b - a) * step) / steps)
    mask[at(rowOf(from, grid), rowOf(to, grid)) * grid.side + at(columnOf(from, grid), columnOf(to, grid))] =
      1
  }
  return mask
}

export const sameRow = (grid: GridShape, cell: number): CellMask =>
  cellsWhere(grid, (other) => rowOf(other, grid) === rowOf(cell, grid))

/** The cells that come before this one in raster order. */
export const cellsBefore = (grid: GridShape, cell: number): CellMask =>
  cellsWhere(grid, (other) => other < cell)

/** The cells with the same token as `cell`. */
export const sameToken = (tokens: ArrayLike<number>, cell: number): CellMask =>
  Uint8Array.from(tokens, (token) => Number(token === tokens[cell]))

export type JoinMode = 'set' | 'add' | 'remove'

/** `set` replaced by, united with, or minus `other`. */
export function joined(set: CellMask, other: CellMask, mode: JoinMode): CellMask {
  if (mode === 'set') return other
  return mode === 'add' ? set.map((is, i) => is | other[i]!) : set.map((is, i) => (other[i] ? 0 : is))
}

export const inverted = (set: CellMask): CellMask => set.map((is) => 1 - is)
export const countOf = (set: CellMask): number => set.reduce((total, is) => total + is, 0)
export const areSame = (a: CellMask, b: CellMask): boolean => a.every((is, i) => is === b[i])

/** The border of the set as an SVG path in units of cells; empty for none and for all. */
export function outline(set: CellMask): string {
  const { side, cells } = gridOfCells(set.length)
  const has = (row: number, column: number) =>
    row >= 0 && row < side && column >= 0 && column < side && set[row * side + column] === 1
  let path = ''
  if (countOf(set) === cells) return path
  for (let row = 0; row <= side; row++)
    for (let column = 0; column <= side; column++) {
      if (has(row, column) !== has(row - 1, column)) path += `M${column} ${row}h1`
      if (has(row, column) !== has(row, column - 1)) path += `M${column} ${row}v1`
    }
  return path
}

/** The set as squares of an SVG path in units of cells, one for each run of neighbours in a row. */
export function squares(set: CellMask): string {
  const grid = gridOfCells(set.length)
  let path = ''
  for (let cell = 0; cell < grid.cells; cell++) {
    if (!set[cell] || (columnOf(cell, grid) > 0 && set[cell - 1])) continue
    let width = 1
    while (columnOf(cell, grid) + width < grid.side && set[cell + width]) width++
    path += `M${columnOf(cell, grid)} ${rowOf(cell, grid)}h${width}v1h${-width}z`
  }
  return path
}
