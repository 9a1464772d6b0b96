// A covariance matrix -> its factor with as many columns as its rank: Cholesky with diagonal pivoting, in panels.
// Structure of LAPACK dpstrf; Higham, Accuracy and Stability of Numerical Algorithms, 10.3.
import { matrix, type Matrix, type Work } from './matrix.ts'
import { symmetricProduct } from './symmetric-product.ts'

/** Columns between two updates of the remaining matrix. */
const PANEL = 64

/**
 * The transposed factor U [rank, n] with U'U = a, for a symmetric and positive semi-definite. Values below n times
 * machine precision of the largest variance are rounding errors and are dropped. Throws RangeError if `a` is not a
 * covariance: a variance is more negative than that, NaN or infinite.
 */
export async function choleskyRows(a: Matrix, work: Work = {}): Promise<Matrix> {
  const { rows: n } = a
  if (n !== a.columns) throw new RangeError(`matrix is not square (${n} x ${a.columns})`)
  const variance = Float64Array.from({ length: n }, (_, i) => a.data[i * n + i]!)
  const floor = n * Number.EPSILON * Math.max(0, ...variance)
  const odd = variance.findIndex((value) => !(value >= -floor) || value === Infinity)
  if (odd >= 0) throw new RangeError(`variance of dimension ${odd} is ${variance[odd]}`)
  const rest = Float64Array.from(a.data)
  const factor = new Float64Array(n * n)
  const open = Int32Array.from({ length: n }, (_, i) => i) // from `rank` on: the rows not yet chosen as pivot
  const panel = new Float64Array(n * PANEL) // row i: the columns of this panel in row i
  for (let rank = 0; rank < n;) {
    await work.pause?.()
    let column = 0
    for (; column < PANEL && rank < n; column++, rank++) {
      const pivot = choosePivot(variance, open, rank)
      if (variance[pivot]! <= floor) return matrix(rank, n, factor.slice(0, rank * n))
      const root = Math.sqrt(variance[pivot]!)
      panel[pivot * PANEL + column] = root
      factor[rank * n + pivot] = root
      for (let t = rank + 1; t < n; t++) {
        const i = open[t]!
        const value = (rest[pivot * n + i]! - dot(panel, i * PANEL, pivot * PANEL, column)) / root
        panel[i * PANEL + column] = value
        factor[rank * n + i] = value
        variance[i] = variance[i]! - value * value
      }
    }
    await subtractPanel(rest, n, panel, column, open.subarray(rank), work)
  }
  return matrix(n, n, factor)
}

/** Moves the open row with the largest remaining variance to position `rank` and returns it. */
function choosePivot(variance: Float64Array, open: Int32Array, rank: number): number {
  let best = rank
  for (let t = rank + 1; t < open.length; t++) if (variance[open[t]!]! > variance[open[best]!]!) best = t
  const pivot = open[best]!
  open[best] = open[rank]!
  open[rank] = pivot
  return pivot
}

/** rest -= panel panel', for the open rows and columns. */
async function subtractPanel(
  rest: Float64Array,
  n: number,
  panel: Float64Array,
  columns: number,
  open: Int32Array,
  work: Work,
): Promise<void> {
  if (open.length === 0) return
  const rows = matrix(open.length, columns)
  open.forEach((i, t) => rows.data.set(panel.subarray(i * PANEL, i * PANEL + columns), t * columns))
  const { data } = await symmetricProduct(rows, rows, work)
  for (let s = 0, at = 0; s < open.length; s++) {
    const row = open[s]! * n
    for (let t = 0; t < open.length; t++, at++) {
      const j = row + open[t]!
      rest[j] = rest[j]! - data[at]!
    }
  }
}

function dot(values: Float64Array, p: number, q: number, length: number): number {
  let sum = 0
  for (let k = 0; k < length; k++) sum += values[p + k]! * values[q + k]!
  return sum
}
