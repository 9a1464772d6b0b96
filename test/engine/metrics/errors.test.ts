// Standard errors, intervals, limits and floors against NumPy and SciPy: tools/referee/errors.py.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  distanceConfidence,
  featuresToScatters,
  featuresToStatistics,
  frechetDistance,
  frechetOfRows,
  frechetReference,
  gatherRows,
  kernelDistance,
  kernelError,
  rowsInMemory,
  studentQuantile,
} from '../../../src/engine/metrics/index.ts'
import { splitsError, subsetsError } from '../../../src/engine/runs/evaluation/errors.ts'
import { measureClasses } from '../../../src/engine/runs/evaluation/measure-classes.ts'
import { shareInterval } from '../../../src/shared/evaluation/share-interval.ts'
import { formulaFeatures, X, Y } from './formula.ts'

const expected = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/referee/errors.json'), 'utf8'),
)
const D = 12
const x = (n: number) => rowsInMemory(formulaFeatures(n, D, X), D)
const y = (n: number) => rowsInMemory(formulaFeatures(n, D, Y), D)
const all = (n: number) => Array.from({ length: n }, (_, i) => i)

test('the error of a kernel distance is the jackknife over the images of both sets', async () => {
  const found = await kernelError(x(40), y(30))
  expect(found.value).toBeCloseTo(expected.kernel.value, 13)
  expect(found.error).toBeCloseTo(expected.kernel.error, 13)
})

test('whole sets as subsets have no spread, and still an error', async () => {
  const { mean, std } = await kernelDistance(x(30), y(30), { subsets: 1, size: 30, seed: 2020 })
  expect(std).toBe(0)
  const { error, low, high } = subsetsError(mean, std, 1, {
    ...(await kernelError(x(30), y(30))),
    images: 30,
  })
  expect(error).toBeGreaterThan(0.01)
  // t of 29 degrees of freedom
  expect(high - low).toBeCloseTo(2 * 2.045229642132703 * error, 4)
})

test('the error of a mean over splits divides their deviation by the root of their number', () => {
  // Deviation over 10 splits, dividing by 10, is 3: dividing by 9 it is sqrt(10), and the error of the mean 1.
  const { error, low, high } = splitsError(50, 3, 10)
  expect(error).toBeCloseTo(1, 12)
  expect([low, high]).toEqual([expect.closeTo(50 - 2.2621571627, 9), expect.closeTo(52.2621571627, 9)])
})

describe('confidence of a Fréchet distance', () => {
  const confidenceOf = async (n: number) =>
    distanceConfidence(
      await featuresToScatters(x(n), 10),
      await frechetReference(await featuresToStatistics(y(600))),
    )

  test('has random halves, the jackknife and a limit with an error from 5,000 images', async () => {
    const { error, curve, limit, limitError } = await confidenceOf(5000)
    const { counts, distances, ...numbers } = expected.confidence5000
    expect(curve.map(({ count }) => count)).toEqual(counts)
    // Roots of eigenvalues: 1e-8 of a distance of 0.06.
    curve.forEach(({ distance }, i) => expect(distance).toBeCloseTo(distances[i], 8))
    for (const [name, value] of Object.entries({ error, limit, limitError }))
      expect([name, value]).toEqual([name, expect.closeTo(numbers[name], 7)])
  })

  test('has no limit of fewer images', async () => {
    const found = await confidenceOf(400)
    expect(found.error).toBeCloseTo(expected.confidence400.error, 7)
    expect(found.curve[0]!.distance).toBeCloseTo(expected.confidence400.distances[0], 7)
    expect('limit' in found || 'limitError' in found).toBe(false)
  })
})

test.each([
  ['classOf14', 14, 'all 14 samples against 16 of 30 real images'],
  ['classOf40', 40, '15 of 40 samples against 15 of 30 real images'],
])('the distance of a class and its floor: %s', async (name, n, _words) => {
  const classes = {
    samples: all(n).map(() => 7),
    reference: all(30).map(() => 7),
    names: new Map(),
    by: 'by class number',
  }
  const [found] = await measureClasses(x(n), classes, y(30), undefined, { note: () => {} })
  expect(found).toEqual({ class: 7, n, distance: expect.anything() })
  const { samples, real, ...counts } = found!.distance!
  const { samples: ofSamples, real: ofReal, ...others } = expected[name]
  expect(counts).toEqual(others)
  // The rank is 12: eigenvalues that should be 0 are some 1e-16, and their roots 1e-8.
  expect(samples).toBeCloseTo(ofSamples, 6)
  expect(real).toBeCloseTo(ofReal, 6)
})

test('a class with too few real images for both sides has no distance', async () => {
  const classes = {
    samples: all(40).map(() => 0),
    reference: all(19).map(() => 0),
    names: new Map([[0, 'owl']]),
    by: '',
  }
  const within = Uint8Array.from(all(40), (i) => (i < 10 ? 1 : 0))
  const found = await measureClasses(x(40), classes, y(19), within, { note: () => {} })
  expect(found).toEqual([{ class: 0, name: 'owl', n: 40, precision: 0.25 }])
})

test('a Fréchet distance by singular values is the one by covariances', async () => {
  for (const [n, m] of [
    [40, 30],
    [6, 30],
    [30, 6],
  ] as const) {
    const [a, b] = [await gatherRows(x(n), all(n)), await gatherRows(y(m), all(m))]
    const plain = await frechetDistance(await featuresToStatistics(x(n)), await featuresToStatistics(y(m)))
    expect(Math.abs((await frechetOfRows(a, b)) - plain)).toBeLessThan(1e-6)
  }
})

test.each<number[]>(expected.wilson)('the interval of a share: %d of %d', (k, n, low, high, error) => {
  const found = shareInterval(k / n, n)
  expect(found.low).toBeCloseTo(low!, 12)
  expect(found.high).toBeCloseTo(high!, 12)
  expect(found.error).toBeCloseTo(error!, 12)
})

test.each<number[]>(expected.student)('Student’s quantile: p = %d, %d degrees of freedom', (p, df, value) => {
  expect(Math.abs(studentQuantile(p!, df!) / value! - 1)).toBeLessThan(1e-9)
})

test('shares beyond 0 and 1, and too few images for an error, are refused', async () => {
  expect(() => shareInterval(1.1, 10)).toThrow(RangeError)
  expect(() => shareInterval(0.5, 0)).toThrow(RangeError)
  await expect(kernelError(x(2), y(5))).rejects.toThrow('at least 3 images')
  await expect(
    distanceConfidence(
      await featuresToScatters(x(70), 7),
      await frechetReference(await featuresToStatistics(y(30))),
    ),
  ).rejects.toThrow('even number of at least 6 groups')
})
