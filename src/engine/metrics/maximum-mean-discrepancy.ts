// Two sets of embeddings -> CMMD: the squared maximum mean discrepancy under a Gaussian kernel, of unit vectors.
// Jayasumana et al. 2024, "Rethinking FID"; distance.py of google-research/cmmd: the biased estimator (all pairs, with each
// vector and itself), sigma 10, times 1000.
import { ranges, readMatrix, type FeatureRows } from './features.ts'
import { noPause, plainMatrixProduct, type Matrix, type Work } from './matrix.ts'

export const CMMD_SIGMA = 10
export const CMMD_SCALE = 1000

/** Throws RangeError for other dimensions, and for a vector of length 0, which has no direction. */
export async function maximumMeanDiscrepancy(
  a: FeatureRows,
  b: FeatureRows,
  work: Work = {},
): Promise<number> {
  if (a.width !== b.width) throw new RangeError(`dimensions differ (${a.width} and ${b.width})`)
  const [aa, bb, ab] = [
    await meanKernel(a, a, work),
    await meanKernel(b, b, work),
    await meanKernel(a, b, work),
  ]
  return CMMD_SCALE * (aa + bb - 2 * ab)
}

/** Mean of exp(-|x - y|^2 / (2 sigma^2)) over all pairs; for unit vectors the square is 2 - 2 x y. */
async function meanKernel(
  a: FeatureRows,
  b: FeatureRows,
  { matrixProduct = plainMatrixProduct, pause = noPause }: Work,
): Promise<number> {
  const gamma = 1 / (2 * CMMD_SIGMA ** 2)
  let sum = 0
  for (const [row, rowEnd] of ranges(a.count)) {
    const x = unit(await readMatrix(a, row, rowEnd), row)
    for (const [column, columnEnd] of ranges(b.count)) {
      await pause()
      const { data } = await matrixProduct(x, unit(await readMatrix(b, column, columnEnd), column))
      let block = 0 // per block: loses less precision than one long sum
      for (let i = 0; i < data.length; i++) block += Math.exp(-gamma * (2 - 2 * data[i]!))
      sum += block
    }
  }
  return sum / (a.count * b.count)
}

function unit(rows: Matrix, first: number): Matrix {
  const { columns, data } = rows
  for (let i = 0; i < rows.rows; i++) {
    let squares = 0
    for (let k = 0; k < columns; k++) squares += data[i * columns + k]! ** 2
    if (squares === 0) throw new RangeError(`features of image ${first + i} are all 0`)
    const length = Math.sqrt(squares)
    for (let k = 0; k < columns; k++) data[i * columns + k] = data[i * columns + k]! / length
  }
  return rows
}
