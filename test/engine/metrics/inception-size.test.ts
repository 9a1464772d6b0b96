// FID at 2048 dimensions, from full rank and from fewer images than dimensions, against scipy's sqrtm in float64.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { featuresToStatistics, frechetDistance, rowsInMemory } from '../../../src/engine/metrics/index.ts'
import { openMatrixProduct, type OpenMatrixProduct } from '../../../src/engine/devices/matrix-product.ts'
import { formulaFeatures, X, Y } from './formula.ts'

const reference = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/metrics/torch-fidelity.json'), 'utf8'),
)
const numpy = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/metrics/numpy.json'), 'utf8'))
const DIM = 2048
let matrixProduct: OpenMatrixProduct
beforeAll(async () => void (matrixProduct = await openMatrixProduct()))
afterAll(() => matrixProduct.close())

test.each([
  ['full rank', 2600, [[reference.fid_d2048_full_rank, 1e-6]]],
  // scipy's square root of a singular matrix is inexact; singular values of the features are not.
  [
    'rank deficient',
    700,
    [
      [reference.fid_d2048_rank_deficient, 1e-4],
      [numpy.frechet_d2048_700_images, 1e-9],
    ],
  ],
])('FID at 2048 dimensions matches scipy: %s', async (_, n, expectations) => {
  const statistics = (set: typeof X) =>
    featuresToStatistics(rowsInMemory(formulaFeatures(n, DIM, set), DIM), matrixProduct)
  const found = await frechetDistance(await statistics(X), await statistics(Y), matrixProduct)
  for (const [expected, tolerance] of expectations as [number, number][])
    expect(Math.abs(found - expected) / expected).toBeLessThan(tolerance)
})
