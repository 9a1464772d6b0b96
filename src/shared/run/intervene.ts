// A token grid -> a copy with some cells edited, to be decoded next to the original.
import { columnOf, gridOfCells, rowOf } from '../grid/shape.ts'
import { RequestError } from '../errors.ts'

/** One entry per cell, in raster order. */
export type Tokens = ArrayLike<number>
/** Cells that may change: 0 or 1 per cell. @default all */
export type Within = ArrayLike<number>

/** Replaces one entry with another in every cell. */
export function replaceEntry(tokens: Tokens, entry: number, by: number, within?: Within): Int32Array {
  return Int32Array.from(tokens, (token, cell) => (token === entry && isWithin(within, cell) ? by : token))
}

/**
 * Replaces every cell of the entry with the most frequent entry among its four neighbours of other entries;
 * ties are resolved in the order right, left, above, below. Larger patches are filled from the edge inwards.
 * Throws RequestError if the whole grid has this entry.
 */
export function replaceBySurroundings(tokens: Tokens, entry: number, within?: Within): Int32Array {
  if (Array.prototype.every.call(tokens, (token) => token === entry))
    throw new RequestError(`every cell has entry ${entry}; there are no other tokens to replace it with`)
  let now = Int32Array.from(tokens)
  for (;;) {
    const before = now
    now = before.map((token, cell) =>
      token === entry && isWithin(within, cell) ? (mostBeside(before, cell, entry) ?? entry) : token,
    )
    // Cells outside the selection that keep the entry can enclose cells without other neighbours.
    if (now.every((token, cell) => token === before[cell])) return now
  }
}

/** Rows down and columns to the right. */
export interface Shift {
  readonly rows: number
  readonly columns: number
}

/**
 * Copies the cells of `source` in `region` to the same position, or shifted. Throws RequestError if the
 * region is empty or leaves the grid.
 */
export function copyCells(
  target: Tokens,
  source: Tokens,
  region: Within,
  { rows, columns }: Shift = { rows: 0, columns: 0 },
): Int32Array {
  const tokens = Int32Array.from(target)
  const shape = gridOfCells(tokens.length)
  const { side } = shape
  let copied = 0
  for (let cell = 0; cell < shape.cells; cell++) {
    if (region[cell] !== 1) continue
    const [row, column] = [rowOf(cell, shape) + rows, columnOf(cell, shape) + columns]
    if (row < 0 || row >= side || column < 0 || column >= side)
      throw new RequestError(
        `region moved by ${rows} rows and ${columns} columns: outside the ${side} x ${side} grid`,
      )
    tokens[row * side + column] = source[cell]!
    copied++
  }
  if (copied === 0) throw new RequestError('the region to copy is empty')
  return tokens
}

const isWithin = (within: Within | undefined, cell: number) => within === undefined || within[cell] === 1

function mostBeside(tokens: Int32Array, cell: number, entry: number): number | undefined {
  const shape = gridOfCells(tokens.length)
  const { side } = shape
  const [row, column] = [rowOf(cell, shape), columnOf(cell, shape)]
  const around = [
    ...(column < side - 1 ? [tokens[cell + 1]!] : []),
    ...(column > 0 ? [tokens[cell - 1]!] : []),
    ...(row > 0 ? [tokens[cell - side]!] : []),
    ...(row < side - 1 ? [tokens[cell + side]!] : []),
  ].filter((token) => token !== entry)
  const count = (wanted: number) => around.filter((token) => token === wanted).length
  return around.reduce<number | undefined>(
    (best, token) => (best === undefined || count(token) > count(best) ? token : best),
    undefined,
  )
}
