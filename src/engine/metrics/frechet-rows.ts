// Rows of features of a few images -> their Frechet distance, in the size of the sets instead of the dimensions: the trace
// of the root of C1 C2 is the sum of the singular values of A B' for centered rows A, B (C1 = A'A, C2 = B'B).
import { matrix, plainMatrixProduct, type Matrix, type Work } from './matrix.ts'
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts'
import { symmetricProduct } from './symmetric-product.ts'

/** What `frechetDistance` gives for `a` [n, D] and `b` [m, D]. Throws RangeError for fewer than 2 rows. */
export async function frechetOfRows(a: Matrix, b: Matrix, work: Work = {}): Promise<number> {
  const { matrixProduct = plainMatrixProduct } = work
  if (a.columns !== b.columns) throw new RangeError(`dimensions differ (${a.columns} and ${b.columns})`)
  // The smaller set on the left: the eigenvalues are of a matrix of its size.
  const [left, right] = a.rows <= b.rows ? [centered(a), centered(b)] : [centered(b), centered(a)]
  const across = await matrixProduct(left.rows, right.rows) // [least, most]
  const squares = await symmetricEigenvalues(await symmetricProduct(across, across, work), work)
  const roots = squares.reduce((sum, square) => sum + Math.sqrt(Math.max(0, square)), 0)
  const apart = left.mean.reduce((sum, value, d) => sum + (value - right.mean[d]!) ** 2, 0)
  return apart + left.trace + right.trace - 2 * roots
}

/** Rows around their mean, divided so that their squares sum to the trace of the covariance. */
function centered({ rows: n, columns: D, data }: Matrix) {
  if (n < 2) throw new RangeError(`a covariance needs at least 2 images, got ${n}`)
  const mean = new Float64Array(D)
  for (let i = 0; i < n; i++) for (let d = 0; d < D; d++) mean[d] = mean[d]! + data[i * D + d]! / n
  const own = data.map((value, at) => (value - mean[at % D]!) / Math.sqrt(n - 1))
  return { mean, rows: matrix(n, D, own), trace: own.reduce((sum, value) => sum + value * value, 0) }
}
