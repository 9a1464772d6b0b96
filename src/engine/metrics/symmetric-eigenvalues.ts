// A symmetric matrix -> its eigenvalues: Householder reduction to tridiagonal form in panels, then implicit QL. Golub & Van
// Loan, Matrix Computations 8.3.1 and 8.3.3; structure of LAPACK dsytrd and dlatrd, and of EISPACK tql1. n = side of the
// matrix.
import { matrix, plainMatrixProduct, type Matrix, type MatrixProduct, type Work } from './matrix.ts'
import { copyLowerHalf, firstRows } from './symmetric-product.ts'

/** Columns reduced before the rest of the matrix is updated with one product: about 50 ms at n = 2048. */
const PANEL = 16
/** tql1's limit; two or three are usual. */
const MAX_SWEEPS = 50

/** Ascending. Only the lower half of the matrix is read. Throws RangeError for NaN or infinite entries. */
export async function symmetricEigenvalues(a: Matrix, work: Work = {}): Promise<Float64Array> {
  if (a.rows !== a.columns) throw new RangeError(`matrix is not square (${a.rows} x ${a.columns})`)
  const { diagonal, below } = await tridiagonal(a, work)
  if (![...diagonal, ...below].every(Number.isFinite)) throw new RangeError('matrix contains NaN or infinity')
  return tridiagonalEigenvalues(diagonal, below)
}

/** A reflection that the stored matrix still lacks: it stands for a - v w' - w v'. Both have zeros beyond their block. */
interface Pending {
  readonly v: Float64Array
  readonly w: Float64Array
}

/**
 * Reduces from the last row upwards, so that the rest is a leading block. Within a panel the stored matrix stays as it is,
 * and each column's reflection is applied to vectors only; then all of them are subtracted at once.
 */
async function tridiagonal(given: Matrix, { matrixProduct = plainMatrixProduct, pause }: Work) {
  const n = given.rows
  const diagonal = new Float64Array(n)
  const below = new Float64Array(Math.max(0, n - 1))
  let a = matrix(n, n, Float64Array.from(given.data))
  copyLowerHalf(a)
  for (let last = n - 1; last > 0;) {
    await pause?.()
    const pending: Pending[] = []
    for (; last > 0 && pending.length < PANEL; last--) {
      const row = a.data.slice(last * a.columns, last * a.columns + last + 1)
      for (const { v, w } of pending) addMultiples(row, v, w, -w[last]!, -v[last]!)
      diagonal[last] = row[last]!
      const v = new Float64Array(a.columns)
      const { norm, scale } = reflection(row.subarray(0, last), v)
      below[last - 1] = norm
      const w = new Float64Array(a.columns)
      if (scale !== 0) {
        // H = I - s v v', H A H = A - v w' - w v' with p = s A v and w = p - (s v'p / 2) v.
        const { data: product } = await matrixProduct(firstRows(a, last), matrix(1, a.columns, v))
        for (const earlier of pending)
          addMultiples(product, earlier.v, earlier.w, -dot(earlier.w, v, last), -dot(earlier.v, v, last))
        const half = (scale * scale * dot(product, v, last)) / 2
        for (let j = 0; j < last; j++) w[j] = scale * product[j]! - half * v[j]!
      }
      pending.push({ v, w })
    }
    a = await without(firstRows(a, last + 1), pending, matrixProduct)
  }
  diagonal[0] = a.data[0]!
  return { diagonal, below }
}

/** x += onV v + onW w, over the length of x. */
function addMultiples(x: Float64Array, v: Float64Array, w: Float64Array, onV: number, onW: number): void {
  for (let j = 0; j < x.length; j++) x[j] = x[j]! + onV * v[j]! + onW * w[j]!
}

/** Over the first `length` numbers. */
function dot(x: Float64Array, y: Float64Array, length: number): number {
  let sum = 0
  for (let j = 0; j < length; j++) sum += x[j]! * y[j]!
  return sum
}

/** The leading block a - V W' - W V' [m, m], where m is the number of rows of a. */
async function without(
  a: Matrix,
  pending: readonly Pending[],
  matrixProduct: MatrixProduct,
): Promise<Matrix> {
  const m = a.rows
  const K = 2 * pending.length
  const [left, right] = [matrix(m, K), matrix(m, K)]
  pending.forEach(({ v, w }, k) => {
    const other = pending.length + k
    for (let i = 0; i < m; i++) {
      left.data[i * K + k] = right.data[i * K + other] = v[i]!
      left.data[i * K + other] = right.data[i * K + k] = w[i]!
    }
  })
  const block = await matrixProduct(left, right)
  for (let i = 0; i < m; i++)
    for (let j = i * m, at = i * a.columns; j < (i + 1) * m; j++, at++)
      block.data[j] = a.data[at]! - block.data[j]!
  return block
}

/** The Householder vector u that sends x to a multiple of its last unit vector, H = I - scale u u'. */
function reflection(x: Float64Array, u: Float64Array): { norm: number; scale: number } {
  const m = x.length
  let largest = 0
  for (let j = 0; j < m; j++) largest = Math.max(largest, Math.abs(x[j]!))
  let rest = 0
  for (let j = 0; j < m - 1; j++) rest += (x[j]! / largest) ** 2
  u.fill(0)
  if (!(largest > 0) || rest === 0) return { norm: x[m - 1]!, scale: 0 }
  const end = x[m - 1]! / largest
  const length = Math.sqrt(rest + end * end) * (end >= 0 ? -1 : 1)
  for (let j = 0; j < m - 1; j++) u[j] = x[j]! / largest
  u[m - 1] = end - length
  return { norm: length * largest, scale: 1 / (length * (length - end)) }
}

/** Implicit QL with Wilkinson's shift; `below[i]` couples i and i + 1. Both arrays are overwritten. */
function tridiagonalEigenvalues(d: Float64Array, below: Float64Array): Float64Array {
  const n = d.length
  const e = new Float64Array(n)
  e.set(below)
  for (let l = 0; l < n; l++)
    for (let sweep = 0; ; sweep++) {
      let m = l
      while (m < n - 1 && Math.abs(e[m]!) > Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) m++
      if (m === l) break
      if (sweep === MAX_SWEEPS) throw new RangeError(`eigenvalue ${l} of ${n} did not converge`)
      let g = (d[l + 1]! - d[l]!) / (2 * e[l]!)
      let r = Math.hypot(g, 1)
      g = d[m]! - d[l]! + e[l]! / (g + (g >= 0 ? r : -r))
      let [s, c, p] = [1, 1, 0]
      let i = m - 1
      for (; i >= l; i--) {
        const f = s * e[i]!
        const b = c * e[i]!
        r = Math.hypot(f, g)
        e[i + 1] = r
        if (r === 0) break
        s = f / r
        c = g / r
        g = d[i + 1]! - p
        r = (d[i]! - g) * s + 2 * c * b
        p = s * r
        d[i + 1] = g + p
        g = c * r - b
      }
      if (i >= l) d[i + 1] = d[i + 1]! - p
      else {
        d[l] = d[l]! - p
        e[l] = g
      }
      e[m] = 0
    }
  return d.sort()
}
