// A symmetric matrix -> its eigenvalues: Householder reduction to tridiagonal form, then implicit QL. Golub & Van Loan,
// Matrix Computations 8.3.1 and 8.3.3; structure of EISPACK tred1 and tql1. n = side of the matrix.
import { noPause, type Matrix, type Pause } from './matrix.ts'

/** Columns reduced between two pauses: about 50 ms at n = 2048. */
const COLUMNS_AT_ONCE = 16
/** tql1's limit; two or three are usual. */
const MAX_SWEEPS = 50

/** Ascending. Only the lower half of the matrix is read. Throws RangeError for NaN or infinite entries. */
export async function symmetricEigenvalues(a: Matrix, pause: Pause = noPause): Promise<Float64Array> {
  if (a.rows !== a.columns) throw new RangeError(`matrix is not square (${a.rows} x ${a.columns})`)
  const { diagonal, below } = await tridiagonal(a, pause)
  if (![...diagonal, ...below].every(Number.isFinite)) throw new RangeError('matrix contains NaN or infinity')
  return tridiagonalEigenvalues(diagonal, below)
}

/**
 * Reduces from the last row upwards (like tred1), so that the rest is the leading block of `rows`. Each pass over that
 * block does two things: it subtracts the previous reflection, v w' + w v', and multiplies by the vector of the next
 * one; the block is read from memory once for both.
 */
async function tridiagonal({ rows: n, data }: Matrix, pause: Pause) {
  const a = Float64Array.from(data)
  const diagonal = new Float64Array(n)
  const below = new Float64Array(Math.max(0, n - 1))
  let [v, next] = [new Float64Array(n), new Float64Array(n)]
  const w = new Float64Array(n)
  const product = new Float64Array(n)
  for (let last = n - 1; last > 0; last--) {
    if (last % COLUMNS_AT_ONCE === 0) await pause()
    // Row `last` with the pending reflection applied; its entries left of the diagonal become a single one.
    const row = last * n
    const [vLast, wLast] = [v[last]!, w[last]!]
    for (let j = 0; j <= last; j++) a[row + j] = a[row + j]! - vLast * w[j]! - wLast * v[j]!
    diagonal[last] = a[row + last]!
    const { norm, scale } = reflection(a.subarray(row, row + last), next)
    below[last - 1] = norm
    applyAndMultiply(a, n, last, v, w, next, product)
    if (scale === 0) {
      v.fill(0)
      w.fill(0)
      continue
    }
    // H = I - scale u u'; H A H = A - u q' - q u' with p = scale A u, q = p - (scale u'p / 2) u.
    let dot = 0
    for (let j = 0; j < last; j++) dot += next[j]! * product[j]!
    const half = (scale * scale * dot) / 2
    for (let j = 0; j < last; j++) w[j] = scale * product[j]! - half * next[j]!
    ;[v, next] = [next, v]
  }
  diagonal[0] = a[0]! - (n > 1 ? 2 * v[0]! * w[0]! : 0)
  return { diagonal, below }
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

/** Leading block of side m: a -= v w' + w v' in its lower half, and product = a u with the result. */
function applyAndMultiply(
  a: Float64Array,
  n: number,
  m: number,
  v: Float64Array,
  w: Float64Array,
  u: Float64Array,
  product: Float64Array,
): void {
  product.fill(0, 0, m)
  let i = 0
  for (; i + 1 < m; i += 2) {
    // Two rows at once, so that w, v, u and the product are loaded once for both.
    const p = i * n
    const q = p + n
    const [v0, w0, u0] = [v[i]!, w[i]!, u[i]!]
    const [v1, w1, u1] = [v[i + 1]!, w[i + 1]!, u[i + 1]!]
    let sum0 = 0
    let sum1 = 0
    for (let j = 0; j < i; j++) {
      const vj = v[j]!
      const wj = w[j]!
      const uj = u[j]!
      const x = a[p + j]! - v0 * wj - w0 * vj
      const y = a[q + j]! - v1 * wj - w1 * vj
      a[p + j] = x
      a[q + j] = y
      sum0 += x * uj
      sum1 += y * uj
      product[j] = product[j]! + x * u0 + y * u1
    }
    const top = (a[p + i] = a[p + i]! - 2 * v0 * w0)
    const corner = (a[q + i] = a[q + i]! - v1 * w0 - w1 * v0)
    const end = (a[q + i + 1] = a[q + i + 1]! - 2 * v1 * w1)
    product[i] = product[i]! + sum0 + top * u0 + corner * u1
    product[i + 1] = product[i + 1]! + sum1 + corner * u0 + end * u1
  }
  if (i === m) return
  const p = i * n
  const [vi, wi, ui] = [v[i]!, w[i]!, u[i]!]
  let sum = 0
  for (let j = 0; j < i; j++) {
    const x = (a[p + j] = a[p + j]! - vi * w[j]! - wi * v[j]!)
    sum += x * u[j]!
    product[j] = product[j]! + x * ui
  }
  const end = (a[p + i] = a[p + i]! - 2 * vi * wi)
  product[i] = product[i]! + sum + end * ui
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
