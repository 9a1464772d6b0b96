// Two means and covariances -> the Frechet distance of their Gaussians: FID, sFID, FD on any features.
// Heusel et al. 2017, equation 6: |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)).
import { choleskyRows } from './cholesky.ts'
import { plainMatrixProduct, type Matrix, type Work } from './matrix.ts'
import type { Statistics } from './statistics.ts'
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts'
import { symmetricProduct } from './symmetric-product.ts'

/** A reference for several sets: its covariance is factored once. */
export interface FrechetReference {
  /** Of its covariance. */
  readonly rank: number
  distanceTo(other: Statistics): Promise<number>
}

/**
 * No matrix square root is computed: with C1 = U'U, the eigenvalues of C1 C2 are those of U C2 U', which is symmetric,
 * and the trace of the square root is the sum of their roots. U has as many rows as the rank of C1. Throws RangeError
 * for statistics of other dimensions or an invalid covariance.
 */
export async function frechetReference(reference: Statistics, work: Work = {}): Promise<FrechetReference> {
  const { matrixProduct = plainMatrixProduct, pause } = work
  checkStatistics(reference)
  const factor = await choleskyRows(reference.covariance, work)
  return {
    rank: factor.rows,
    async distanceTo(other) {
      checkStatistics(other)
      const D = reference.mean.length
      if (other.mean.length !== D) throw new RangeError(`dimensions differ (${other.mean.length} and ${D})`)
      const apart = reference.mean.reduce((sum, value, d) => sum + (value - other.mean[d]!) ** 2, 0)
      await pause?.()
      const half = await matrixProduct(factor, other.covariance) // [rank, D]
      const square = await symmetricProduct(half, factor, work)
      const squares = await symmetricEigenvalues(square, work) // [rank]
      return apart + trace(reference.covariance) + trace(other.covariance) - 2 * sumOfRoots(squares)
    },
  }
}

export async function frechetDistance(a: Statistics, b: Statistics, work: Work = {}): Promise<number> {
  return (await frechetReference(b, work)).distanceTo(a)
}

const trace = ({ rows, data }: Matrix): number => {
  let sum = 0
  for (let i = 0; i < rows; i++) sum += data[i * rows + i]!
  return sum
}

/** Rounding can make eigenvalues of a rank-deficient product slightly negative. */
const sumOfRoots = (squares: Float64Array) =>
  squares.reduce((sum, square) => sum + Math.sqrt(Math.max(0, square)), 0)

function checkStatistics({ mean, covariance }: Statistics): void {
  const D = mean.length
  if (covariance.rows !== D || covariance.columns !== D)
    throw new RangeError(`mean has ${D} dimensions, covariance is ${covariance.rows} x ${covariance.columns}`)
  const odd = mean.findIndex((value) => !Number.isFinite(value))
  if (odd >= 0) throw new RangeError(`mean of dimension ${odd} is ${mean[odd]}`)
}
