// Features -> mean and covariance in one pass: each part is centred separately, then parts are merged. Chan, Golub,
// LeVeque, Algorithms for Computing the Sample Variance (1983), equation 2.1.
import { ranges, readMatrix, ROWS_AT_ONCE, type FeatureRows } from './features.ts'
import { matrix, noPause, transposed, type Matrix, type Work } from './matrix.ts'
import { symmetricProduct } from './symmetric-product.ts'

/** The input of a Frechet distance. */
export interface Statistics {
  /** [D] */
  readonly mean: Float64Array
  /** [D, D], divided by n - 1 as `np.cov` does. */
  readonly covariance: Matrix
}

/** Sums that can be merged: the mean, and the scatter (sum of outer products) around it. */
export interface Scatter {
  readonly count: number
  readonly mean: Float64Array
  readonly scatter: Matrix
}

export const emptyScatter = (width: number): Scatter => ({
  count: 0,
  mean: new Float64Array(width),
  scatter: matrix(width, width),
})

/** Scatter of rows [n, D] around their own mean. */
export async function rowsToScatter(rows: Matrix, work: Work = {}): Promise<Scatter> {
  const { rows: n, columns: D, data } = rows
  const mean = new Float64Array(D)
  for (let i = 0; i < n; i++) for (let d = 0; d < D; d++) mean[d] = mean[d]! + data[i * D + d]!
  for (let d = 0; d < D; d++) mean[d] = mean[d]! / n
  const columns = transposed(rows, mean)
  return { count: n, mean, scatter: await symmetricProduct(columns, columns, work) }
}

/** The scatter of both sets of rows together. With `weight` -1 the second is subtracted from the first. */
export function joinScatters(a: Scatter, b: Scatter, weight: 1 | -1 = 1): Scatter {
  const D = a.mean.length
  if (b.mean.length !== D) throw new RangeError(`dimensions differ (${D} and ${b.mean.length})`)
  const count = a.count + weight * b.count
  if (count <= 0) return emptyScatter(D)
  const share = (weight * b.count) / count
  const apart = Float64Array.from(b.mean, (value, d) => value - a.mean[d]!)
  const mean = Float64Array.from(a.mean, (value, d) => value + share * apart[d]!)
  const scatter = matrix(D, D)
  const [own, other, sum] = [a.scatter.data, b.scatter.data, scatter.data]
  for (let i = 0; i < D; i++) {
    const factor = a.count * share * apart[i]!
    for (let j = 0, at = i * D; j < D; j++, at++)
      sum[at] = own[at]! + weight * other[at]! + factor * apart[j]!
  }
  return { count, mean, scatter }
}

/** Throws RangeError for fewer than two rows: they have no covariance. */
export function scatterToStatistics({ count, mean, scatter }: Scatter): Statistics {
  if (count < 2) throw new RangeError(`a covariance needs at least 2 images, got ${count}`)
  const { rows, columns, data } = scatter
  const covariance = matrix(rows, columns)
  // Not by `map`: a call for each of four million elements took a third of a second.
  for (let i = 0; i < data.length; i++) covariance.data[i] = data[i]! / (count - 1)
  return { mean, covariance }
}

/** Numbers of a part: 64 MB, since merging the parts takes as long as 400 rows of 2048. */
const PART = 2 ** 23

/**
 * The scatters of `groups` interleaved parts (row i is in part i mod groups), read once. Interleaved, so that sets
 * sorted by class give similar parts.
 */
export async function featuresToScatters(
  features: FeatureRows,
  groups: number,
  work: Work = {},
): Promise<Scatter[]> {
  const { pause = noPause } = work
  const { count, width: D } = features
  const parts = Array.from({ length: groups }, () => emptyScatter(D))
  for (const [from, to] of ranges(count, Math.max(ROWS_AT_ONCE, Math.floor(PART / D)))) {
    await pause()
    const all = await readMatrix(features, from, to)
    for (let group = 0; group < groups; group++) {
      const rows = groups === 1 ? all : everyNth(all, (group - (from % groups) + groups) % groups, groups)
      if (rows.rows > 0) parts[group] = joinScatters(parts[group]!, await rowsToScatter(rows, work))
    }
  }
  return parts
}

export async function featuresToStatistics(features: FeatureRows, work: Work = {}): Promise<Statistics> {
  const [whole] = await featuresToScatters(features, 1, work)
  return scatterToStatistics(whole!)
}

function everyNth({ rows, columns, data }: Matrix, first: number, step: number): Matrix {
  const count = Math.max(0, Math.ceil((rows - first) / step))
  const out = matrix(count, columns)
  for (let i = 0; i < count; i++)
    out.data.set(data.subarray((first + i * step) * columns, (first + i * step + 1) * columns), i * columns)
  return out
}
