// Two sets of features -> the standard error of their KID, by leaving out each image once: a jackknife of the unbiased
// estimator over all pairs, which is a U-statistic (Arvesen 1969), in sums of rows, without computing it again.
import { ranges, readMatrix, type FeatureRows } from './features.ts'
import { jackknifeVariance } from './jackknife.ts'
import { noPause, plainMatrixProduct, type Work } from './matrix.ts'

export interface KernelError {
  /** The estimator over all pairs of images: without the noise of random subsets. */
  readonly value: number
  /** Of the value, from the images of both sets. */
  readonly error: number
}

/** `a` [n, D], `b` [m, D] under the kernel (dot / D + 1)^3. Throws RangeError for fewer than 3 images. */
export async function kernelError(a: FeatureRows, b: FeatureRows, work: Work = {}): Promise<KernelError> {
  const [n, m] = [a.count, b.count]
  if (a.width !== b.width) throw new RangeError(`dimensions differ (${a.width} and ${b.width})`)
  if (Math.min(n, m) < 3)
    throw new RangeError(`an error needs at least 3 images of each set, got ${n} and ${m}`)
  const [ofA, ofB] = [await kernelRows(a, a, true, work), await kernelRows(b, b, true, work)]
  const across = await kernelRows(a, b, false, work)
  const [sumA, sumB, sumAcross] = [total(ofA.rows), total(ofB.rows), total(across.rows)]
  const value = sumA / (n * (n - 1)) + sumB / (m * (m - 1)) - (2 * sumAcross) / (n * m)
  // Without image i of a, the pairs of b keep their part, which a variance does not see.
  const withoutA = ofA.rows.map(
    (row, i) => (sumA - 2 * row) / ((n - 1) * (n - 2)) - (2 * (sumAcross - across.rows[i]!)) / ((n - 1) * m),
  )
  const withoutB = ofB.rows.map(
    (row, j) =>
      (sumB - 2 * row) / ((m - 1) * (m - 2)) - (2 * (sumAcross - across.columns[j]!)) / (n * (m - 1)),
  )
  return { value, error: Math.sqrt(jackknifeVariance(withoutA) + jackknifeVariance(withoutB)) }
}

/** Sums of the kernel over each row and each column of the pairs; without the diagonal if `self`. */
async function kernelRows(
  a: FeatureRows,
  b: FeatureRows,
  self: boolean,
  { matrixProduct = plainMatrixProduct, pause = noPause }: Work,
): Promise<{ readonly rows: Float64Array; readonly columns: Float64Array }> {
  const [rows, columns] = [new Float64Array(a.count), new Float64Array(b.count)]
  for (const [from, to] of ranges(a.count)) {
    const x = await readMatrix(a, from, to)
    for (const [first, last] of ranges(b.count)) {
      await pause()
      const { data } = await matrixProduct(x, await readMatrix(b, first, last))
      for (let i = from, at = 0; i < to; i++)
        for (let j = first; j < last; j++, at++) {
          if (self && i === j) continue
          const kernel = (data[at]! / a.width + 1) ** 3
          rows[i] = rows[i]! + kernel
          columns[j] = columns[j]! + kernel
        }
    }
  }
  return { rows, columns }
}

const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0)
