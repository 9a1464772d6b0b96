// Sets of cells of a 16 x 16 grid as masks of 256 bytes (1 in the set): how they are created, combined and outlined.

export const SIDE = 16
export const CELLS = SIDE * SIDE

/** 256 entries, 0 or 1, raster order. */
export type CellMask = Uint8Array

/** The cells that satisfy a predicate. */
export const cellsWhere = (test: (cell: number) => boolean): CellMask =>
  Uint8Array.from({ length: CELLS }, (_, cell) => (test(cell) ? 1 : 0))

export const noCells = (): CellMask => new Uint8Array(CELLS)
export const allCells = (): CellMask => cellsWhere(() => true)
export const rowOf = (cell: number): number => Math.floor(cell / SIDE)
export const columnOf = (cell: number): number => cell % SIDE

/** Every cell of the rectangle with these corners. */
export function rectangle(corner: number, opposite: number): CellMask {
  const between = (at: number, a: number, b: number) => at >= Math.min(a, b) && at <= Math.max(a, b)
  return cellsWhere(
    (cell) =>
      between(rowOf(cell), rowOf(corner), rowOf(opposite)) &&
      between(columnOf(cell), columnOf(corner), columnOf(opposite)),
  )
}

/** The cells on the straight line between two, both included: a fast pointer skips cells. */
export function line(from: number, to: number): CellMask {
  const mask = noCells()
  const steps = Math.max(Math.abs(rowOf(to) - rowOf(from)), Math.abs(columnOf(to) - columnOf(from)), 1)
  for (let step = 0; step <= steps; step++) {
    const at = (a: number, b: number) => Math.round(a + ((b - a) * step) / steps)
    mask[at(rowOf(from), rowOf(to)) * SIDE + at(columnOf(from), columnOf(to))] = 1
  }
  return mask
}

export const sameRow = (cell: number): CellMask => cellsWhere((other) => rowOf(other) === rowOf(cell))

/** The cells that come before this one in raster order. */
export const cellsBefore = (cell: number): CellMask => cellsWhere((other) => other < cell)

/** The cells with the same token as `cell`. */
export const sameToken = (tokens: ArrayLike<number>, cell: number): CellMask =>
  cellsWhere((other) => tokens[other] === tokens[cell])

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
  const has = (row: number, column: number) =>
    row >= 0 && row < SIDE && column >= 0 && column < SIDE && set[row * SIDE + column] === 1
  let path = ''
  if (countOf(set) === CELLS) return path
  for (let row = 0; row <= SIDE; row++)
    for (let column = 0; column <= SIDE; column++) {
      if (has(row, column) !== has(row - 1, column)) path += `M${column} ${row}h1`
      if (has(row, column) !== has(row, column - 1)) path += `M${column} ${row}v1`
    }
  return path
}

/** The set as squares of an SVG path in units of cells, one for each run of neighbours in a row. */
export function squares(set: CellMask): string {
  let path = ''
  for (let cell = 0; cell < CELLS; cell++) {
    if (!set[cell] || (columnOf(cell) > 0 && set[cell - 1])) continue
    let width = 1
    while (columnOf(cell) + width < SIDE && set[cell + width]) width++
    path += `M${columnOf(cell)} ${rowOf(cell)}h${width}v1h${-width}z`
  }
  return path
}
