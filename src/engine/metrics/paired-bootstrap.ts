// Features of several settings, paired by image, and one reference -> their distances, and the same distances on
// resampled images. Efron & Tibshirani 1993, chapters 6 and 12: a resample draws n of the n image numbers with
// replacement, the same for every setting, so that what the settings share cancels in a difference. The reference is held
// fixed: the error is that of the images. n images, B resamples, D dimensions, R rank of the reference.
import { mersenneTwister } from '../../shared/mersenne-twister.ts'
import { choleskyRows } from './cholesky.ts'
import { ranges, readMatrix, type FeatureRows } from './features.ts'
import { matrix, noPause, plainMatrixProduct, transposed, type Matrix, type Work } from './matrix.ts'
import { studentQuantile } from '../../shared/quantiles.ts'
import type { Statistics } from './statistics.ts'
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts'
import { symmetricProduct } from './symmetric-product.ts'

/** A distance of all images, and those of the resamples in their order [B]. */
export interface Resampled {
  readonly value: number
  readonly again: Float64Array
}

/** a - b with its standard error, over the resamples they share. */
export interface Difference {
  readonly difference: number
  readonly error: number
}

/** How often each image is in each resample: [B + 1, n]; the first row is all images once. */
export function drawCounts(images: number, resamples: number, seed: number): Matrix {
  const next = mersenneTwister(seed)
  const counts = matrix(resamples + 1, images)
  counts.data.fill(1, 0, images)
  for (let b = 1; b <= resamples; b++)
    for (let draw = 0; draw < images; draw++) {
      const at = b * images + Math.floor((next() / 2 ** 32) * images)
      counts.data[at] = counts.data[at]! + 1
    }
  return counts
}

/** The covariance of a reference, factored once for all settings. */
export interface FactoredReference {
  /** [D] */
  readonly mean: Float64Array
  /** U with U'U = covariance: [R, D] */
  readonly factor: Matrix
  readonly trace: number
}

export async function factorReference(
  { mean, covariance }: Statistics,
  work: Work = {},
): Promise<FactoredReference> {
  const trace = mean.reduce((sum, _, i) => sum + covariance.data[i * mean.length + i]!, 0)
  return { mean, factor: await choleskyRows(covariance, work), trace }
}

/**
 * Frechet distances of rows [n, D] for every row of `counts` [B + 1, n], each exactly what `frechetDistance` gives for the
 * drawn images. The trace of the square root needs the eigenvalues of U C U'; with fewer drawn images than R they are
 * those of the smaller matrix of dot products between the images.
 */
export async function resampledFrechet(
  features: Matrix,
  reference: FactoredReference,
  counts: Matrix,
  work: Work = {},
): Promise<Resampled> {
  const { matrixProduct = plainMatrixProduct, pause = noPause } = work
  const { rows: n, columns: D } = features
  if (D !== reference.mean.length)
    throw new RangeError(`dimensions differ (${D} and ${reference.mean.length})`)
  if (counts.columns !== n) throw new RangeError(`counts are of ${counts.columns} images, features of ${n}`)
  const { rows, mean } = centred(features)
  const squares = Float64Array.from({ length: n }, (_, i) => squared(rows.data, i * D, D))
  const means = await matrixProduct(counts, transposed(rows)) // [B + 1, D], n times the mean
  const placed = await matrixProduct(rows, reference.factor) // [n, R]
  const products = n <= MOST_PRODUCTS ? await symmetricProduct(placed, placed, work) : undefined // [n, n]
  const values = new Float64Array(counts.rows)
  for (let b = 0; b < counts.rows; b++) {
    await pause()
    const count = counts.data.subarray(b * n, (b + 1) * n)
    let [apart, shift, spread] = [0, 0, 0]
    for (let d = 0; d < D; d++) {
      const value = means.data[b * D + d]! / n
      shift += value * value
      apart += (mean[d]! + value - reference.mean[d]!) ** 2
    }
    for (let i = 0; i < n; i++) spread += count[i]! * squares[i]!
    const trace = (spread - n * shift) / (n - 1)
    const drawn = count.reduce((sum, times) => sum + (times > 0 ? 1 : 0), 0)
    const square =
      products && drawn <= placed.columns
        ? dotProducts(products, count, drawn)
        : await scatter(placed, count, work)
    const roots = (await symmetricEigenvalues(square, work)).reduce(
      (sum, value) => sum + Math.sqrt(Math.max(0, value)),
      0,
    )
    values[b] = apart + trace + reference.trace - 2 * roots
  }
  return { value: values[0]!, again: values.subarray(1) }
}

/** Beyond this number of images their dot products would fill more than 300 MB. */
const MOST_PRODUCTS = 6000

/** Dot products of the drawn images around their mean, each image once and weighted: [drawn, drawn] / (n - 1). */
function dotProducts({ rows: n, data }: Matrix, count: Float64Array, drawn: number): Matrix {
  const chosen = Int32Array.from({ length: drawn })
  for (let i = 0, at = 0; i < n; i++) if (count[i]! > 0) chosen[at++] = i
  const toMean = Float64Array.from(chosen, (i) => {
    let sum = 0
    for (const j of chosen) sum += count[j]! * data[i * n + j]!
    return sum / n
  })
  const ofMean = chosen.reduce((sum, i, s) => sum + count[i]! * toMean[s]!, 0) / n
  const out = matrix(drawn, drawn)
  for (let s = 0; s < drawn; s++) {
    const i = chosen[s]!
    // Only the lower half is read by `symmetricEigenvalues`.
    for (let t = 0; t <= s; t++) {
      const j = chosen[t]!
      const value = data[i * n + j]! - toMean[s]! - toMean[t]! + ofMean
      out.data[s * drawn + t] = (Math.sqrt(count[i]! * count[j]!) * value) / (n - 1)
    }
  }
  return out
}

/** Weighted covariance of rows [n, R]: [R, R]. */
async function scatter(
  { rows: n, columns: R, data }: Matrix,
  count: Float64Array,
  work: Work,
): Promise<Matrix> {
  const mean = new Float64Array(R)
  for (let i = 0; i < n; i++)
    if (count[i]! > 0) for (let r = 0; r < R; r++) mean[r] = mean[r]! + (count[i]! * data[i * R + r]!) / n
  const rows = matrix(n, R)
  for (let i = 0; i < n; i++) {
    const root = Math.sqrt(count[i]! / (n - 1))
    if (root > 0) for (let r = 0; r < R; r++) rows.data[i * R + r] = root * (data[i * R + r]! - mean[r]!)
  }
  const columns = transposed(rows)
  return symmetricProduct(columns, columns, work)
}

/** Similarity of each image to the reference's images, on average: [n], for `resampledKernel`. */
export async function kernelToReference(
  features: Matrix,
  reference: FeatureRows,
  work: Work = {},
): Promise<Float64Array> {
  const { matrixProduct = plainMatrixProduct, pause = noPause } = work
  const { rows: n, columns: D } = features
  if (D !== reference.width) throw new RangeError(`dimensions differ (${D} and ${reference.width})`)
  const sums = new Float64Array(n)
  for (const [from, to] of ranges(reference.count)) {
    await pause()
    const { data } = await matrixProduct(features, await readMatrix(reference, from, to))
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let j = 0; j < to - from; j++) sum += (data[i * (to - from) + j]! / D + 1) ** 3
      sums[i] = sums[i]! + sum
    }
  }
  return sums.map((sum) => sum / reference.count)
}

/**
 * KID without the part that only depends on the reference, for every row of `counts`: over all pairs of different images,
 * the unbiased estimator of Binkowski et al. 2018 under the cubic kernel. The left-out part cancels in a difference.
 * @param toReference of `kernelToReference`: [n]
 */
export async function resampledKernel(
  features: Matrix,
  toReference: Float64Array,
  counts: Matrix,
  work: Work = {},
): Promise<Resampled> {
  const { matrixProduct = plainMatrixProduct, pause = noPause } = work
  const { rows: n, columns: D } = features
  const kernel = await matrixProduct(features, features)
  for (let at = 0; at < kernel.data.length; at++) kernel.data[at] = (kernel.data[at]! / D + 1) ** 3
  for (let i = 0; i < n; i++) kernel.data[i * n + i] = 0
  await pause()
  const sums = await matrixProduct(counts, kernel) // [B + 1, n]
  const values = new Float64Array(counts.rows)
  for (let b = 0; b < counts.rows; b++) {
    let [within, across, pairs] = [0, 0, n * n]
    for (let i = 0, at = b * n; i < n; i++, at++) {
      const times = counts.data[at]!
      within += times * sums.data[at]!
      across += times * toReference[i]!
      pairs -= times * times
    }
    values[b] = within / pairs - (2 * across) / n
  }
  return { value: values[0]!, again: values.subarray(1) }
}

/** Throws RangeError for other numbers of resamples. */
export function pairedDifference(a: Resampled, b: Resampled): Difference {
  const B = a.again.length
  if (b.again.length !== B || B < 2) throw new RangeError(`cannot pair ${B} with ${b.again.length} resamples`)
  const apart = a.again.map((value, i) => value - b.again[i]!)
  const mean = apart.reduce((sum, value) => sum + value, 0) / B
  const variance = apart.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (B - 1)
  return { difference: a.value - b.value, error: Math.sqrt(variance) }
}

/**
 * Half the width of the two-sided interval of this level, in standard errors: Student's quantile, because the error itself
 * comes from a finite number of resamples and of images. A percentile interval would need thousands of resamples for the
 * levels of repeated looks, and would be shifted, because resampling raises a Frechet distance.
 */
export const intervalFactor = (level: number, images: number, resamples: number): number =>
  studentQuantile(1 - level / 2, Math.min(images, resamples) - 1)

function centred({ rows: n, columns: D, data }: Matrix): {
  readonly rows: Matrix
  readonly mean: Float64Array
} {
  const mean = new Float64Array(D)
  for (let i = 0; i < n; i++) for (let d = 0; d < D; d++) mean[d] = mean[d]! + data[i * D + d]! / n
  const rows = matrix(n, D, Float64Array.from(data))
  for (let i = 0; i < n; i++) for (let d = 0; d < D; d++) rows.data[i * D + d]! -= mean[d]!
  return { rows, mean }
}

function squared(data: Float64Array, from: number, length: number): number {
  let sum = 0
  for (let k = from; k < from + length; k++) sum += data[k]! * data[k]!
  return sum
}
