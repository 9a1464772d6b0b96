// The cells of an image: which contain a token, and the outline around some of them.
import type { GridShape } from '../grid/shape.ts'
import { RequestError } from '../errors.ts'
import type { Colour, DisplayItem } from './display.ts'

/** Raster indices of the cells that contain the token. */
export function cellsOf(tokens: ArrayLike<number>, token: number): number[] {
  const cells: number[] = []
  for (let i = 0; i < tokens.length; i++) if (tokens[i] === token) cells.push(i)
  return cells
}

export function cellsThatDiffer(a: ArrayLike<number>, b: ArrayLike<number>): number[] {
  if (a.length !== b.length)
    throw new RequestError(`grids differ in size (found ${a.length} and ${b.length} tokens)`)
  const cells: number[] = []
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) cells.push(i)
  return cells
}

/** The borders between these cells and others, or the image's edge, as straight lines of maximum length. */
export function outline(
  cells: readonly number[],
  { side }: GridShape,
  width: number,
  height: number,
  stroke: Colour,
  lineWidth: number,
): readonly DisplayItem[] {
  const inside = new Set(cells)
  const has = (row: number, column: number) =>
    row >= 0 && column >= 0 && row < side && column < side && inside.has(row * side + column)
  const [dx, dy] = [width / side, height / side]
  const items: DisplayItem[] = []
  const line = (x0: number, y0: number, x1: number, y1: number): void => {
    const points = [
      [x0 * dx, y0 * dy],
      [x1 * dx, y1 * dy],
    ] as const
    items.push({ kind: 'line', points, stroke, lineWidth })
  }
  for (let at = 0; at <= side; at++) {
    for (const [from, to] of runs(side, (i) => has(at - 1, i) !== has(at, i))) line(from, at, to, at)
    for (const [from, to] of runs(side, (i) => has(i, at - 1) !== has(i, at))) line(at, from, at, to)
  }
  return items
}

/** Intervals [from, to) of 0 to `side` where a condition holds. */
function runs(side: number, holds: (i: number) => boolean): [number, number][] {
  const found: [number, number][] = []
  for (let i = 0; i < side; i++) {
    if (!holds(i)) continue
    if (found.at(-1)?.[1] === i) found.at(-1)![1] = i + 1
    else found.push([i, i + 1])
  }
  return found
}
