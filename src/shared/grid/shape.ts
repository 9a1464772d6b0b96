// A square grid of cells, counted in raster order: row by row from the top left.

export interface GridShape {
  /** Cells per side. */
  readonly side: number
  /** Total: side * side. */
  readonly cells: number
}

export const gridOfSide = <S extends number>(side: S): GridShape => ({ side, cells: side * side })

/**
 * The grid with this number of cells, from a record or an array of its tokens.
 * @throws RangeError if it is not a square number
 */
export function gridOfCells(cells: number): GridShape {
  const side = Math.sqrt(cells)
  if (!Number.isInteger(side) || side < 1)
    throw new RangeError(`grid: not square (found ${cells} cells, expected a square number)`)
  return { side, cells }
}

export const rowOf = (cell: number, { side }: GridShape): number => Math.floor(cell / side)
export const columnOf = (cell: number, { side }: GridShape): number => cell % side
