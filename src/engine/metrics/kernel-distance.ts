// Two sets of features -> KID: the squared maximum mean discrepancy under a cubic kernel, over random subsets.
// Binkowski et al. 2018; torch-fidelity metric_kid.py, estimator 'unbiased'.
import { gatherRows, type FeatureRows } from './features.ts'
import { meanAndStd, type Score } from './inception-score.ts'
import { noPause, plainMatrixProduct, type Matrix, type Work } from './matrix.ts'
import { randomState } from './random-state.ts'

export interface KernelSubsets {
  readonly subsets: number
  /** Images of each set in one subset; at most the size of either. */
  readonly size: number
  readonly seed: number
}

/** torch-fidelity's defaults. */
export const KERNEL_SUBSETS: KernelSubsets = { subsets: 100, size: 1000, seed: 2020 }

/** Mean and deviation over the subsets. Throws RangeError if a set is smaller than a subset. */
export async function kernelDistance(
  a: FeatureRows,
  b: FeatureRows,
  { subsets, size, seed }: KernelSubsets,
  work: Work = {},
): Promise<Score> {
  const { matrixProduct = plainMatrixProduct, pause = noPause } = work
  if (a.width !== b.width) throw new RangeError(`dimensions differ (${a.width} and ${b.width})`)
  if (Math.min(a.count, b.count) < size || size < 2)
    throw new RangeError(`cannot draw subsets of ${size} images from ${a.count} and ${b.count}`)
  const random = randomState(seed)
  const values: number[] = []
  for (let subset = 0; subset < subsets; subset++) {
    const x = await gatherRows(a, random.choice(a.count, size))
    const y = await gatherRows(b, random.choice(b.count, size))
    const within = []
    for (const rows of [x, y]) {
      await pause()
      const { sum, diagonal } = kernelSums(await matrixProduct(rows, rows), rows.columns)
      within.push(sum - diagonal)
    }
    await pause()
    const across = kernelSums(await matrixProduct(x, y), x.columns).sum
    values.push((within[0]! + within[1]!) / (size * (size - 1)) - (2 * across) / (size * size))
  }
  return { ...meanAndStd(values), splits: subsets }
}

/** Sums of (dot / dimensions + 1)^3 over all pairs, and over the diagonal. */
function kernelSums({ rows, columns, data }: Matrix, dimensions: number): { sum: number; diagonal: number } {
  let sum = 0
  let diagonal = 0
  for (let i = 0; i < rows; i++) {
    let row = 0 // per row: loses less precision than one long sum
    for (let j = 0; j < columns; j++) {
      const value = (data[i * columns + j]! / dimensions + 1) ** 3
      row += value
      if (i === j) diagonal += value
    }
    sum += row
  }
  return { sum, diagonal }
}
