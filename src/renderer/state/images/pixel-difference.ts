// Two pictures of equal size -> their per-pixel difference, and its share in given cells.
import { gridOfCells } from '../../../shared/grid/shape.ts'
import { type CellMask } from './cells.ts'

export interface PixelDifference {
  /** [side * side], 0..255: the mean over red, green and blue of the absolute differences. */
  readonly values: Float32Array
  /** Pixels along an edge; pictures are square. */
  readonly side: number
  readonly largest: number
  readonly mean: number
}

/** RGBA, [side * side * 4] each. Throws if the sizes differ. */
export function pixelDifference(a: ArrayLike<number>, b: ArrayLike<number>, side: number): PixelDifference {
  if (a.length !== side * side * 4 || b.length !== a.length)
    throw new Error(
      `pictures differ in size: ${a.length / 4} and ${b.length / 4} pixels (expected ${side} x ${side})`,
    )
  const values = new Float32Array(side * side)
  let [total, largest] = [0, 0]
  for (let pixel = 0; pixel < values.length; pixel++) {
    let sum = 0
    for (let c = 0; c < 3; c++) sum += Math.abs(a[pixel * 4 + c]! - b[pixel * 4 + c]!)
    values[pixel] = sum / 3
    total += sum / 3
    largest = Math.max(largest, sum / 3)
  }
  return { values, side, largest, mean: total / values.length }
}

/** Mean difference of the pixels inside and outside the cells; undefined if there are none. */
export function differenceBy({ values, side }: PixelDifference, cells: CellMask) {
  const grid = gridOfCells(cells.length).side
  const within = { sum: 0, count: 0 }
  const around = { sum: 0, count: 0 }
  for (let pixel = 0; pixel < values.length; pixel++) {
    const [row, column] = [Math.floor(pixel / side), pixel % side].map((at) => Math.floor((at * grid) / side))
    const so = cells[row! * grid + column!] === 1 ? within : around
    so.sum += values[pixel]!
    so.count++
  }
  const mean = ({ sum, count }: typeof within) => (count > 0 ? sum / count : undefined)
  return { inside: mean(within), outside: mean(around) }
}
