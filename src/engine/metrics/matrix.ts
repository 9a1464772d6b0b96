// Rows of numbers as matrices, and the only product used by the statistics here: a times b transposed. M, N = rows, K =
// columns of both factors.

/** Float64 values in C order. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly data: Float64Array<ArrayBuffer>
}

/** a [M, K] and b [N, K] -> a b' [M, N]. A host may pass a faster one than `plainMatrixProduct`. */
export type MatrixProduct = (a: Matrix, b: Matrix) => Promise<Matrix>

/** Awaited between parts of long work, so that other work can run; rejects to stop it. */
export type Pause = () => Promise<void>

/** Passed to long computations. */
export interface Work {
  /** @default plainMatrixProduct */
  readonly matrixProduct?: MatrixProduct
  /** @default none */
  readonly pause?: Pause
}

export const noPause: Pause = async () => {}

export function matrix(rows: number, columns: number, data = new Float64Array(rows * columns)): Matrix {
  if (data.length !== rows * columns)
    throw new RangeError(`${data.length} values do not fill a ${rows} x ${columns} matrix`)
  return { rows, columns, data }
}

/** Rows in any number type as float64. */
export const widened = (rows: number, columns: number, values: ArrayLike<number>): Matrix =>
  matrix(rows, columns, Float64Array.from(values))

/** With `less`, each row of the result is smaller by its number. */
export function transposed(
  { rows, columns, data }: Matrix,
  less: Float64Array = new Float64Array(columns),
): Matrix {
  const out = new Float64Array(data.length)
  // In tiles, so that whole cache lines are written at once.
  for (let top = 0; top < rows; top += TILE)
    for (let j = 0; j < columns; j++) {
      const by = less[j]!
      for (let i = top; i < Math.min(rows, top + TILE); i++) out[j * rows + i] = data[i * columns + j]! - by
    }
  return matrix(columns, rows, out)
}

const TILE = 16

/** Columns at a time, so that eight slices of rows fit into the first-level cache. */
const SLICE = 256

/** The product in this thread: 4 x 4 dot products at once, so that each loaded number is used four times. */
export const plainMatrixProduct: MatrixProduct = async (a, b) => {
  if (a.columns !== b.columns)
    throw new RangeError(`rows have different lengths (${a.columns} and ${b.columns})`)
  const out = matrix(a.rows, b.rows)
  for (let from = 0; from < a.columns; from += SLICE) {
    const to = Math.min(a.columns, from + SLICE)
    for (let i = 0; i < a.rows; i += 4)
      for (let j = 0; j < b.rows; j += 4)
        if (i + 4 <= a.rows && j + 4 <= b.rows) addTile(a, b, out, i, j, from, to)
        else addEdge(a, b, out, i, j, from, to)
  }
  return out
}

/** Adds the dot products of rows i to i + 4 of a and j to j + 4 of b over columns `from` to `to`. */
function addTile(a: Matrix, b: Matrix, out: Matrix, i: number, j: number, from: number, to: number): void {
  const [A, B, O, K, N] = [a.data, b.data, out.data, a.columns, b.rows]
  let [s00, s01, s02, s03, s10, s11, s12, s13] = [0, 0, 0, 0, 0, 0, 0, 0]
  let [s20, s21, s22, s23, s30, s31, s32, s33] = [0, 0, 0, 0, 0, 0, 0, 0]
  // Plain variables and two steps of the index: destructuring would cost a third of the speed in this loop.
  const end = i * K + to
  for (let p = i * K + from, q = j * K + from; p < end; p++, q++) {
    const a0 = A[p]!
    const a1 = A[p + K]!
    const a2 = A[p + 2 * K]!
    const a3 = A[p + 3 * K]!
    const b0 = B[q]!
    const b1 = B[q + K]!
    const b2 = B[q + 2 * K]!
    const b3 = B[q + 3 * K]!
    s00 += a0 * b0
    s01 += a0 * b1
    s02 += a0 * b2
    s03 += a0 * b3
    s10 += a1 * b0
    s11 += a1 * b1
    s12 += a1 * b2
    s13 += a1 * b3
    s20 += a2 * b0
    s21 += a2 * b1
    s22 += a2 * b2
    s23 += a2 * b3
    s30 += a3 * b0
    s31 += a3 * b1
    s32 += a3 * b2
    s33 += a3 * b3
  }
  const tile = [s00, s01, s02, s03, s10, s11, s12, s13, s20, s21, s22, s23, s30, s31, s32, s33]
  for (let t = 0; t < 16; t++) {
    const at = (i + (t >> 2)) * N + j + (t & 3)
    O[at] = O[at]! + tile[t]!
  }
}

/** Like `addTile`, for the remaining rows. */
function addEdge(a: Matrix, b: Matrix, out: Matrix, i: number, j: number, from: number, to: number): void {
  const K = a.columns
  for (let row = i; row < Math.min(i + 4, a.rows); row++)
    for (let column = j; column < Math.min(j + 4, b.rows); column++) {
      let sum = 0
      for (let k = from; k < to; k++) sum += a.data[row * K + k]! * b.data[column * K + k]!
      const at = row * b.rows + column
      out.data[at] = out.data[at]! + sum
    }
}
