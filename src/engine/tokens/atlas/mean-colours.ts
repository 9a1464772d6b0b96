// Pictures and their tokens -> the mean color of the cells of every entry, in linear light. K = entries.
import type { GridShape } from '../../../shared/grid/shape.ts'
import { linearToByte, toLinear, type Rgb } from '../../../shared/colour/oklch.ts'

/** Color of an entry that none of the pictures shows. */
export const UNSEEN: Rgb = [128, 128, 128]

export interface ColourSums {
  /** [K * 3] of linear red, green and blue, one mean a cell. */
  readonly sums: Float64Array
  /** [K] */
  readonly cells: Uint32Array
}

export const newColourSums = (K: number): ColourSums => ({
  sums: new Float64Array(K * 3),
  cells: new Uint32Array(K),
})

const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => toLinear(byte))

/**
 * Adds a picture.
 * @param rgb sRGB [size, size, 3], `size` a multiple of the grid's side
 * @param tokens [cells] in raster order
 */
export function addColours(
  { sums, cells }: ColourSums,
  rgb: Uint8Array,
  size: number,
  tokens: Int32Array,
  { side }: GridShape,
): void {
  const patch = size / side
  const share = 1 / patch ** 2
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const token = tokens[Math.floor(y / patch) * side + Math.floor(x / patch)]!
      for (let c = 0; c < 3; c++) sums[token * 3 + c]! += share * LINEAR[rgb[(y * size + x) * 3 + c]!]!
    }
  for (const token of tokens) cells[token]!++
}

/** sRGB [K * 3]. */
export function meanColours({ sums, cells }: ColourSums): Uint8Array {
  return Uint8Array.from(sums, (sum, i) => {
    const count = cells[Math.floor(i / 3)]!
    return count === 0 ? UNSEEN[i % 3]! : linearToByte(sum / count)
  })
}
