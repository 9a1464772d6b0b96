// A cell of a picture -> the styles that show it in a square, with the cells around it.
import { columnOf, rowOf, type GridShape } from '../../../shared/grid/shape.ts'

/** Cells along a side of a crop that does not show the whole picture: the cell and its neighbors. */
const AROUND = 3

/**
 * The background that shows the part of the picture, and the box of the cell in it. At the border of the picture the
 * cell is not in the middle.
 * @param shown cells along a side
 */
export function patchCrop(cell: number, grid: GridShape, shown = Math.min(AROUND, grid.side)) {
  const start = (at: number) => Math.min(grid.side - shown, Math.max(0, at - Math.floor(shown / 2)))
  const [row, column] = [rowOf(cell, grid), columnOf(cell, grid)]
  const [top, left] = [start(row), start(column)]
  const hidden = grid.side - shown
  return {
    picture: {
      backgroundSize: percent(grid.side, shown),
      backgroundPosition: `${percent(left, hidden)} ${percent(top, hidden)}`,
    },
    outline: {
      left: percent(column - left, shown),
      top: percent(row - top, shown),
      width: percent(1, shown),
      height: percent(1, shown),
    },
  }
}

const percent = (part: number, of: number) => `${of === 0 ? 0 : (100 * part) / of}%`
