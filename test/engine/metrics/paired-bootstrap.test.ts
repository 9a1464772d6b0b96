// The paired bootstrap against the distances of images that were really drawn, and quantiles against SciPy.
import { describe, expect, test } from 'vitest'
import {
  drawCounts,
  factorReference,
  featuresToStatistics,
  frechetDistance,
  gatherRows,
  intervalFactor,
  kernelDistance,
  kernelToReference,
  matrix,
  pairedDifference,
  resampledFrechet,
  resampledKernel,
  rowsInMemory,
  type Matrix,
} from '../../../src/engine/metrics/index.ts'
import { normalQuantile, studentQuantile } from '../../../src/shared/quantiles.ts'
import { formulaFeatures, X, Y } from './formula.ts'

const D = 12
const y = rowsInMemory(formulaFeatures(60, D, Y), D)
const rowsOf = ({ data }: Matrix) => rowsInMemory(Float32Array.from(data), D)
/** Fewer images than dimensions, where dot products are used, and more, where the covariance is. */
const SIZES = [9, 40]

/** The rows of a resample, written out. */
function drawn(features: Matrix, count: Float64Array): Matrix {
  const numbers = [...count].flatMap((times, i) => Array<number>(times).fill(i))
  const out = matrix(numbers.length, D)
  numbers.forEach((i, at) => out.data.set(features.data.subarray(i * D, (i + 1) * D), at * D))
  return out
}

describe.each(SIZES)('%i images', (n) => {
  const x = rowsInMemory(formulaFeatures(n, D, X), D)
  const counts = drawCounts(n, 6, 1)
  const countOf = (b: number) => counts.data.subarray(b * n, (b + 1) * n)

  test('every resample draws n images, and the first row is all of them', () => {
    for (let b = 0; b < counts.rows; b++) expect(countOf(b).reduce((sum, times) => sum + times)).toBe(n)
    expect([...countOf(0)]).toEqual(Array<number>(n).fill(1))
    expect(drawCounts(n, 6, 1)).toEqual(counts)
    expect(drawCounts(n, 6, 2)).not.toEqual(counts)
  })

  test('the Frechet distance of a resample is that of its images', async () => {
    const features = await gatherRows(x, [...Array(n).keys()])
    const statistics = await featuresToStatistics(y)
    const found = await resampledFrechet(features, await factorReference(statistics), counts)
    for (const [b, value] of [found.value, ...found.again].entries()) {
      const own = await featuresToStatistics(rowsOf(drawn(features, countOf(b))))
      // Roots of eigenvalues that are zero but for rounding amplify it to some 1e-8.
      expect(Math.abs(value - (await frechetDistance(own, statistics)))).toBeLessThan(1e-6)
    }
  })

  test('the kernel distance of all images is the KID of one subset, but for the part of the reference', async () => {
    const reference = rowsInMemory((await y.read(0, n)).slice(), D)
    const other = rowsInMemory(formulaFeatures(n, D, { ...X, seed: X.seed + 1 }), D)
    const whole = { subsets: 1, size: n, seed: 0 }
    const kids = []
    const own = []
    for (const set of [x, other]) {
      const features = await gatherRows(set, [...Array(n).keys()])
      kids.push((await kernelDistance(set, reference, whole)).mean)
      own.push((await resampledKernel(features, await kernelToReference(features, reference), counts)).value)
    }
    expect(own[0]! - own[1]!).toBeCloseTo(kids[0]! - kids[1]!, 10)
  })

  test('pairs of different images alone count in a resample of the kernel distance', async () => {
    const features = await gatherRows(x, [...Array(n).keys()])
    const toReference = await kernelToReference(features, y)
    const { again } = await resampledKernel(features, toReference, counts)
    const k = (i: number, j: number) => {
      let dot = 0
      for (let d = 0; d < D; d++) dot += features.data[i * D + d]! * features.data[j * D + d]!
      return (dot / D + 1) ** 3
    }
    const count = countOf(3)
    let [sum, pairs, across] = [0, 0, 0]
    for (let i = 0; i < n; i++) {
      across += count[i]! * toReference[i]!
      for (let j = 0; j < n; j++)
        if (i !== j) [sum, pairs] = [sum + count[i]! * count[j]! * k(i, j), pairs + count[i]! * count[j]!]
    }
    expect(again[2]).toBeCloseTo(sum / pairs - (2 * across) / n, 10)
  })
})

test('a difference has the deviation of its resamples, in which what two settings share cancels', () => {
  const a = { value: 5, again: Float64Array.of(1, 2, 4) }
  const b = { value: 3, again: Float64Array.of(0, 1, 3) }
  expect(pairedDifference(a, b)).toEqual({ difference: 2, error: 0 })
  const c = { value: 3, again: Float64Array.of(0, 0, 0) }
  expect(pairedDifference(a, c).error).toBeCloseTo(Math.sqrt(7 / 3), 12)
  expect(() => pairedDifference(a, { value: 0, again: Float64Array.of(1, 2) })).toThrow(
    new RangeError('cannot pair 3 with 2 resamples'),
  )
})

test('features of other dimensions than the reference, or other images than were drawn, are refused', async () => {
  const reference = await factorReference(await featuresToStatistics(y))
  await expect(resampledFrechet(matrix(4, 5), reference, drawCounts(4, 2, 0))).rejects.toThrow(
    new RangeError('dimensions differ (5 and 12)'),
  )
  await expect(resampledFrechet(matrix(4, D), reference, drawCounts(5, 2, 0))).rejects.toThrow(
    new RangeError('counts are of 5 images, features of 4'),
  )
})

describe('quantiles compared with SciPy', () => {
  test.each([
    [0.975, 1.9599639845400536],
    [0.9875, 2.2414027276049464],
    [0.998, 2.8781617390954826],
    [1e-6, -4.753424308822899],
    [0.6, 0.2533471031357998],
  ])('normal, p = %d', (p, expected) => expect(normalQuantile(p)).toBeCloseTo(expected, 12))

  test.each([
    [0.975, 63, 1.998340542520741],
    [0.9875, 59, 2.3000468994409324],
    [0.9979, 199, 2.896162887010017],
    [0.9995, 31, 3.6334563497583714],
  ])('Student, p = %d with %d degrees of freedom', (p, df, expected) =>
    expect(Math.abs(studentQuantile(p, df) - expected)).toBeLessThan(2e-5),
  )

  test('an interval is as wide as the smaller of images and resamples asks for', () => {
    expect(intervalFactor(0.05, 64, 200)).toBeCloseTo(1.99834, 4)
    expect(intervalFactor(0.025, 500, 60)).toBeCloseTo(2.30005, 4)
    expect(() => studentQuantile(0.9, 5.5)).toThrow(RangeError)
    expect(() => normalQuantile(0)).toThrow(RangeError)
  })
})
