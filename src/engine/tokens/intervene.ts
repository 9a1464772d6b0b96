// A token grid -> the same with some cells changed by hand, to be decoded beside the original. The original stays.
import { RequestError } from '../../shared/errors.ts'
import type { TokenGrid } from './grid.ts'

const GRID = 16

/** Rows and columns of cells, from the top left. */
export interface Region {
  readonly row: number
  readonly column: number
  readonly rows: number
  readonly columns: number
}

/** Every cell of one entry becomes another. */
export function replaceEntry({ tokens }: TokenGrid, entry: number, by: number): TokenGrid {
  return { tokens: tokens.map((token) => (token === entry ? by : token)) }
}

/**
 * Every cell of the entry becomes what most of its four neighbours of other entries are, of equally many the first of
 * right, left, above, below. Cells inside a patch of it follow from its edge inwards. Throws RequestError where the
 * whole grid is this entry.
 */
export function replaceBySurroundings({ tokens }: TokenGrid, entry: number): TokenGrid {
  if (tokens.every((token) => token === entry))
    throw new RequestError(`every cell is entry ${entry}; there is nothing around it to replace it by`)
  let now = tokens.slice()
  while (now.includes(entry)) {
    const before = now
    now = before.map((token, cell) => (token === entry ? (mostBeside(before, cell, entry) ?? entry) : token))
  }
  return { tokens: now }
}

/** Copies a region of `source` to the same place, or with its top left at `to`. Throws RequestError where it leaves the grid. */
export function copyRegion(
  target: TokenGrid,
  source: TokenGrid,
  region: Region,
  to: Pick<Region, 'row' | 'column'> = region,
): TokenGrid {
  const { rows, columns } = region
  for (const place of [region, { ...to, rows, columns }]) refuseOutside(place)
  const tokens = target.tokens.slice()
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      tokens[(to.row + row) * GRID + to.column + column] =
        source.tokens[(region.row + row) * GRID + region.column + column]!
  return { tokens }
}

function mostBeside(tokens: Int32Array, cell: number, entry: number): number | undefined {
  const [row, column] = [Math.floor(cell / GRID), cell % GRID]
  const around = [
    ...(column < GRID - 1 ? [tokens[cell + 1]!] : []),
    ...(column > 0 ? [tokens[cell - 1]!] : []),
    ...(row > 0 ? [tokens[cell - GRID]!] : []),
    ...(row < GRID - 1 ? [tokens[cell + GRID]!] : []),
  ].filter((token) => token !== entry)
  const count = (wanted: number) => around.filter((token) => token === wanted).length
  return around.reduce<number | undefined>(
    (best, token) => (best === undefined || count(token) > count(best) ? token : best),
    undefined,
  )
}

function refuseOutside({ row, column, rows, columns }: Region): void {
  const whole = [row, column, rows, columns].every(Number.isInteger)
  if (
    !whole ||
    row < 0 ||
    column < 0 ||
    rows < 1 ||
    columns < 1 ||
    row + rows > GRID ||
    column + columns > GRID
  )
    throw new RequestError(
      `${rows} x ${columns} cells from row ${row}, column ${column} do not lie in a grid of ${GRID} x ${GRID}`,
    )
}
