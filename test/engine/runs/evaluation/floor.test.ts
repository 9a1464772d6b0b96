// The floor of a measurement: the same metrics on random divisions of the real images, kept beside their features.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  featuresToStatistics,
  frechetDistance,
  precisionRecall,
  PROTOCOLS,
  randomState,
  rowsInMemory,
  type FeatureRows,
} from '../../../../src/engine/metrics/index.ts'
import { referenceFloor } from '../../../../src/engine/runs/evaluation/floor.ts'
import { floorCaveat, floorRange } from '../../../../src/shared/evaluation/floor.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

const folder = temporaryFolder()
const [COUNT, WIDTH] = [60, 5]
const random = randomState(5)
const values = Float32Array.from({ length: COUNT * WIDTH }, () => random.permutation(1000)[0]! / 1000)
const real = { features: rowsInMemory(values, WIDTH) }
const options = { note: () => {} }
const floorOf = (n: number, name: string, rows: { features: FeatureRows } = real) =>
  referenceFloor(rows, n, PROTOCOLS.dinov2, join(folder.path, name), options)

const rows = (numbers: Int32Array) =>
  rowsInMemory(
    Float32Array.from(
      [...numbers].sort((a, b) => a - b).flatMap((i) => [...values.subarray(i * WIDTH, (i + 1) * WIDTH)]),
    ),
    WIDTH,
  )

describe('the floor of 20 samples against 60 real images', () => {
  test('is the mean and deviation over ten random divisions into 20 and 40', async () => {
    const floor = (await floorOf(20, 'a'))!
    expect(floor).toMatchObject({ n: 20, m: 40, repeats: 10, seed: 0 })
    const distances: number[] = []
    const recalls: number[] = []
    for (let seed = 0; seed < 10; seed++) {
      const order = randomState(seed).permutation(COUNT)
      const [own, other] = [rows(order.slice(0, 20)), rows(order.slice(20))]
      const [a, b] = [await featuresToStatistics(own), await featuresToStatistics(other)]
      distances.push(await frechetDistance(a, b))
      recalls.push((await precisionRecall(own, other)).recall)
    }
    for (const [name, found] of [
      ['frechet_dinov2_distance', distances],
      ['recall', recalls],
    ] as const) {
      const mean = found.reduce((sum, value) => sum + value, 0) / 10
      const variance = found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 9
      // The same sums in another order.
      expect(floor.results[name]!.mean).toBeCloseTo(mean, 12)
      expect(floor.results[name]!.std).toBeCloseTo(Math.sqrt(variance), 12)
    }
    expect(Object.keys(floor.results).filter((name) => name.endsWith('_std'))).toEqual([])
  })

  test('is computed once: the kept one is read without the features', async () => {
    const before = await floorOf(20, 'b')
    const gone: FeatureRows = { count: COUNT, width: WIDTH, read: () => Promise.reject(new Error('read')) }
    expect(await floorOf(20, 'b', { features: gone })).toEqual(before)
    await expect(floorOf(21, 'b', { features: gone })).rejects.toThrow('read')
  })

  test('uses halves where there are too few real images, and says so', async () => {
    const floor = (await floorOf(50, 'c'))!
    expect(floor).toMatchObject({ n: 30, m: 30 })
    expect(floorCaveat(floor, 50, 60)).toBe(
      'the reference has real images for n = 30 only: at n = 50 distances of real images are lower',
    )
    expect(floorCaveat(floor, 30, 60)).toMatch('measured against m = 30 of the 60 real images')
    expect(floorCaveat({ ...floor, m: 50 }, 30, 60)).toBeUndefined()
    expect(await floorOf(50, 'd', { features: rowsInMemory(values.slice(0, 19 * WIDTH), WIDTH) })).toBe(
      undefined,
    )
  })
})

test('the range of a perfect model is a prediction interval with 9 degrees of freedom', () => {
  // scipy: 46.4 +- stats.t.ppf(0.975, 9) * 4.3 * sqrt(1.1)
  const [low, high] = floorRange('frechet_dinov2_distance', { mean: 46.4, std: 4.3 })
  expect(low).toBeCloseTo(36.197947072, 8)
  expect(high).toBeCloseTo(56.602052928, 8)
  expect(floorRange('precision', { mean: 0.95, std: 0.1 })[1]).toBe(1)
  expect(floorRange('frechet_clip_distance', { mean: 1, std: 1 })[0]).toBe(0)
  expect(floorRange('kernel_inception_distance_mean', { mean: 0, std: 1 })[0]).toBeLessThan(-2)
})
