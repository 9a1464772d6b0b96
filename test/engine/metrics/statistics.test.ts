// The parts of the metrics against NumPy, and what they refuse.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { choleskyRows } from '../../../src/engine/metrics/cholesky.ts'
import {
  distanceConfidence,
  featuresToScatters,
  featuresToStatistics,
  frechetDistance,
  frechetReference,
  inceptionScore,
  kernelDistance,
  matrix,
  nearestNeighbours,
  plainMatrixProduct,
  precisionRecall,
  randomState,
  rowsInMemory,
} from '../../../src/engine/metrics/index.ts'
import { widened } from '../../../src/engine/metrics/matrix.ts'
import { symmetricEigenvalues } from '../../../src/engine/metrics/symmetric-eigenvalues.ts'
import { maxDifference } from '../models/run-graph.ts'
import { formulaFeatures, uniform, X, Y } from './formula.ts'

const numpy = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/metrics/numpy.json'), 'utf8'))
const D = 12
const x = rowsInMemory(formulaFeatures(40, D, X), D)
const y = rowsInMemory(formulaFeatures(30, D, Y), D)
const part = (set: Float32Array, rows: number) => rowsInMemory(set.slice(0, rows * D), D)

describe('compared with NumPy', () => {
  test('mean and covariance agree, computed at once and merged from seven parts', async () => {
    const { mean, covariance } = await featuresToStatistics(x)
    expect(maxDifference(mean, numpy.mean)).toBeLessThan(1e-14)
    expect(maxDifference(covariance.data, numpy.covariance)).toBeLessThan(1e-14)
    const parts = await featuresToScatters(x, 7)
    expect(parts.map(({ count }) => count)).toEqual([6, 6, 6, 6, 6, 5, 5])
    const whole = await frechetReference({ mean, covariance })
    const { curve } = await distanceConfidence(await featuresToScatters(x, 6), whole)
    expect(curve.at(-1)!.count).toBe(40)
    // All parts joined are the set itself; the roots of eigenvalues amplify the last digits to some 1e-8.
    expect(Math.abs(curve.at(-1)!.distance)).toBeLessThan(1e-7)
  })

  test('a large common offset costs no precision', async () => {
    const offset = 2 ** 20
    const shifted = rowsInMemory(
      Float32Array.from({ length: 40 * D }, (_, i) => offset + (Math.round(i * 7919) % 13)),
      D,
    )
    const plain = rowsInMemory(
      Float32Array.from({ length: 40 * D }, (_, i) => Math.round(i * 7919) % 13),
      D,
    )
    const [far, near] = [await featuresToStatistics(shifted), await featuresToStatistics(plain)]
    expect(maxDifference(far.covariance.data, near.covariance.data)).toBeLessThan(1e-12)
  })

  test('eigenvalues agree', async () => {
    const a = uniform(25 * 25, 5)
    const symmetric = a.map((value, at) => value + a[(at % 25) * 25 + Math.floor(at / 25)]!)
    expect(
      maxDifference(await symmetricEigenvalues(matrix(25, 25, symmetric)), numpy.eigenvalues25),
    ).toBeLessThan(1e-14)
  })

  test.each([
    ['one by one', [3], [3]],
    ['diagonal', [2, 0, 0, 0, -1, 0, 0, 0, 5], [-1, 2, 5]],
    ['two equal', [1, 1, 1, 1], [0, 2]],
    ['all zero', [0, 0, 0, 0], [0, 0]],
    ['tiny', [2e-200, 1e-200, 1e-200, 2e-200], [1e-200, 3e-200]],
  ])('eigenvalues: %s', async (_, entries, expected) => {
    const n = Math.sqrt(entries.length)
    const found = await symmetricEigenvalues(widened(n, n, entries))
    expect(maxDifference(found, expected)).toBeLessThan(1e-15 * Math.max(1e-185, ...entries.map(Math.abs)))
  })

  test('a Fréchet distance with fewer images than dimensions agrees', async () => {
    const [few, others] = [part(formulaFeatures(40, D, X), 6), part(formulaFeatures(30, D, Y), 6)]
    const found = await frechetDistance(await featuresToStatistics(few), await featuresToStatistics(others))
    expect(Math.abs(found - numpy.frechet_6_of_12_dimensions)).toBeLessThan(1e-7)
  })

  test('permutations of several seeds and successive choices agree', () => {
    for (const [seed, expected] of Object.entries<number[]>(numpy.permutations))
      expect([...randomState(Number(seed)).permutation(expected.length)]).toEqual(expected)
    const random = randomState(2020)
    const sizes = [
      [50, 5],
      [70, 7],
      [1000, 9],
    ] as const
    expect(sizes.map(([n, size]) => [...random.choice(n, size)])).toEqual(numpy.choices_in_turn)
  })

  test('nearest neighbors agree', async () => {
    const { index, distance } = await nearestNeighbours(y, x, 3)
    expect([...index]).toEqual(numpy.nearest3_of_y_in_x.flat())
    expect([...distance].every((value, at) => at % 3 === 0 || value >= distance[at - 1]!)).toBe(true)
  })
})

test('the pivoted factor has the rank of the matrix and reproduces it', async () => {
  const rows = widened(200, 5, formulaFeatures(200, 5, X))
  const a = await plainMatrixProduct(rows, rows) // 200 x 200 of rank 5
  const factor = await choleskyRows(a)
  expect([factor.rows, factor.columns]).toEqual([5, 200])
  const back = matrix(200, 200)
  for (let r = 0; r < 5; r++)
    for (let at = 0; at < 200 * 200; at++)
      back.data[at]! += factor.data[r * 200 + Math.floor(at / 200)]! * factor.data[r * 200 + (at % 200)]!
  expect(maxDifference(back.data, a.data)).toBeLessThan(1e-13)
})

test('the matrix product is right at sizes that fill no tile', async () => {
  const a = widened(7, 300, uniform(7 * 300, 1))
  const b = widened(9, 300, uniform(9 * 300, 2))
  const expected = Array.from({ length: 63 }, (_, at) => {
    const [i, j] = [Math.floor(at / 9), at % 9]
    return a.data
      .subarray(i * 300, i * 300 + 300)
      .reduce((sum, value, k) => sum + value * b.data[j * 300 + k]!, 0)
  })
  expect(maxDifference((await plainMatrixProduct(a, b)).data, expected)).toBeLessThan(1e-13)
})

test('the curve of the distance falls towards its limit as images are added', async () => {
  const many = rowsInMemory(formulaFeatures(5000, D, X), D)
  const reference = await frechetReference(
    await featuresToStatistics(rowsInMemory(formulaFeatures(20_000, D, { ...X, seed: 5 }), D)),
  )
  const { curve, error, limit } = await distanceConfidence(await featuresToScatters(many, 10), reference)
  expect(curve[0]!.distance).toBeGreaterThan(curve[2]!.distance)
  // The same distribution: from infinitely many images its distance would be 0.
  expect(Math.abs(limit!)).toBeLessThan(curve[2]!.distance)
  expect(error).toBeGreaterThan(0)
  expect(error).toBeLessThan(curve[2]!.distance)
})

describe('refused', () => {
  const nan = rowsInMemory(
    Float32Array.from({ length: 5 * D }, (_, i) => (i === 3 * D + 1 ? NaN : 1)),
    D,
  )
  const statistics = featuresToStatistics(x)
  test.each<[string, () => Promise<unknown>, string]>([
    ['features that are NaN', () => featuresToStatistics(nan), 'features of image 3 contain NaN'],
    [
      'one image',
      () => featuresToStatistics(part(formulaFeatures(2, D, X), 1)),
      'a covariance needs at least 2 images, got 1',
    ],
    [
      'other dimensions',
      async () =>
        frechetDistance(
          await statistics,
          await featuresToStatistics(rowsInMemory(Float32Array.from(uniform(20, 1)), 5)),
        ),
      'dimensions differ (12 and 5)',
    ],
    [
      'a negative variance',
      async () => {
        const { mean, covariance } = await statistics
        const data = covariance.data.slice()
        data[D + 1] = -1
        return frechetDistance(await statistics, { mean, covariance: matrix(D, D, data) })
      },
      'variance of dimension 1 is -1',
    ],
    [
      'KID subsets larger than a set',
      () => kernelDistance(x, y, { subsets: 1, size: 31, seed: 0 }),
      'subsets of 31 images from 40 and 30',
    ],
    [
      'more splits than images',
      () => inceptionScore(y, { parts: 31 }),
      'cannot divide 30 images into 31 splits',
    ],
    [
      'too few for k neighbors',
      () => precisionRecall(part(formulaFeatures(3, D, X), 3), y),
      '3 nearest neighbours among 2 images',
    ],
  ])('%s', async (_, attempt, message) => {
    await expect(attempt()).rejects.toThrow(message)
  })

  test('stopped work', async () => {
    const pause = () => Promise.reject(new Error('stopped'))
    await expect(featuresToStatistics(x, { pause })).rejects.toThrow('stopped')
    await expect(kernelDistance(x, y, { subsets: 1, size: 30, seed: 0 }, { pause })).rejects.toThrow(
      'stopped',
    )
  })
})
