// The grid of the images shown: from the record, otherwise from the models in use.
import type { ImageDetails } from '../../../shared/contract/api.ts'
import { DIGIT_GRID } from '../../../shared/grid/layout.ts'
import { gridOfCells, type GridShape } from '../../../shared/grid/shape.ts'

/** The grid of an image whose record has been read; otherwise that of the models, which are DiGIT's. */
export const gridOf = (details: Pick<ImageDetails, 'codes'> | undefined): GridShape =>
  details ? gridOfCells(details.codes.tokens.length) : DIGIT_GRID

/** The cell in an address, if the grid has it. */
export function cellIn(text: string | undefined, { cells }: GridShape): number | undefined {
  const cell = Number(text ?? NaN)
  return Number.isInteger(cell) && cell >= 0 && cell < cells ? cell : undefined
}

/** The cell moved by columns and rows; it stops at the border. */
export function movedIn({ side }: GridShape, cell: number, columns: number, rows: number): number {
  const to = (at: number, by: number) => Math.min(side - 1, Math.max(0, at + by))
  return to(Math.floor(cell / side), rows) * side + to(cell % side, columns)
}
