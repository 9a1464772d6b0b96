// The grid of the images shown: that of the record, else that of the models in use.
import type { ImageDetails } from '../../../shared/contract/api.ts'
import { DIGIT_GRID } from '../../../shared/grid/layout.ts'
import { gridOfCells, type GridShape } from '../../../shared/grid/shape.ts'

/** Of an image whose record has been read; before that, and without an image, of the models, which are DiGIT's. */
export const gridOf = (details: Pick<ImageDetails, 'codes'> | undefined): GridShape =>
  details ? gridOfCells(details.codes.tokens.length) : DIGIT_GRID

/** The cell that an address names, where the grid has it. */
export function cellIn(text: string | undefined, { cells }: GridShape): number | undefined {
  const cell = Number(text ?? NaN)
  return Number.isInteger(cell) && cell >= 0 && cell < cells ? cell : undefined
}

/** The cell so many columns and rows further; at the border it stays. */
export function movedIn({ side }: GridShape, cell: number, columns: number, rows: number): number {
  const to = (at: number, by: number) => Math.min(side - 1, Math.max(0, at + by))
  return to(Math.floor(cell / side), rows) * side + to(cell % side, columns)
}
