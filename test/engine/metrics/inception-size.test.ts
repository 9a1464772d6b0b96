// FID at Inception's 2048 dimensions, from fewer images than dimensions, against scipy's sqrtm in float64; and of full rank
// at 512, which takes less time.
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
let matrixProduct: OpenMatrixProduct
beforeAll(async () => void (matrixProduct = await openMatrixProduct()))
afterAll(() => matrixProduct.close())

test.each([
  // scipy's square root of a singular matrix is inexact; singular values of the features are not.
  [
    'fewer images than 2048 dimensions',
    2048,
    700,
    [
      [reference.fid_d2048_rank_deficient, 1e-4],
      [numpy.frechet_d2048_700_images, 1e-9],
    ],
  ],
  ['full rank at 512 dimensions', 512, 600, [[numpy.frechet_d512_600_images, 1e-9]]],
])('the Fréchet distance matches SciPy and NumPy: %s', async (_, dim, n, expectations) => {
  const statistics = (set: typeof X) =>
    featuresToStatistics(rowsInMemory(formulaFeatures(n, dim, set), dim), matrixProduct)
  const found = await frechetDistance(await statistics(X), await statistics(Y), matrixProduct)
  for (const [expected, tolerance] of expectations as [number, number][])
    expect(Math.abs(found - expected) / expected).toBeLessThan(tolerance)
})
