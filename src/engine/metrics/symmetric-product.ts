// A product a b' that is known to be symmetric: half of it is computed, the other half copied.
import { matrix, plainMatrixProduct, type Matrix, type Work } from './matrix.ts'

/** Rows of a block: the blocks on the diagonal are computed whole. */
const BLOCK = 256

/** a b' [n, n] for a and b [n, K] whose product is symmetric. */
export async function symmetricProduct(
  a: Matrix,
  b: Matrix,
  { matrixProduct = plainMatrixProduct }: Work = {},
): Promise<Matrix> {
  const n = a.rows
  const out = matrix(n, n)
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(n, from + BLOCK)
    const block = matrix(to - from, a.columns, a.data.subarray(from * a.columns, to * a.columns))
    const { data } = await matrixProduct(block, firstRows(b, to))
    for (let i = from; i < to; i++) out.data.set(data.subarray((i - from) * to, (i - from + 1) * to), i * n)
  }
  copyLowerHalf(out)
  return out
}

/** A view of the first rows. */
export const firstRows = ({ columns, data }: Matrix, rows: number): Matrix =>
  matrix(rows, columns, data.subarray(0, rows * columns))

/** In tiles, so that a cache line is written whole. */
const TILE = 16

/** Makes a square matrix symmetric by its lower half. */
export function copyLowerHalf({ rows: n, data }: Matrix): void {
  for (let top = 0; top < n; top += TILE)
    for (let j = 0; j < Math.min(n, top + TILE); j++)
      for (let i = Math.max(top, j + 1); i < Math.min(n, top + TILE); i++) data[j * n + i] = data[i * n + j]!
}
