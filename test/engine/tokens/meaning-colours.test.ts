// Colors of a codebook against numpy: eigh of the covariance, ranks, and OKLab written again (numpy 2.4, float64).
import { expect, it } from 'vitest'
import { mersenneTwister } from '../../../src/shared/mersenne-twister.ts'
import { rgbToOklab } from '../../../src/shared/colour/oklch.ts'
import { meaningColours, ranksOf } from '../../../src/engine/tokens/meaning-colours.ts'
import { principalComponents, projectRows } from '../../../src/engine/tokens/principal-components.ts'

const [K, D] = [300, 90]
/** Integers decide the values, so that numpy has the same float32. */
const entries = Float32Array.from({ length: K * D }, (_, i) => {
  const [k, d] = [Math.floor(i / D), i % D]
  return ((k * 7919 + d * 104729 + k * k * d * 31) % 1009) / 1009 / (1 + d)
})
const ROWS = [0, 1, 17, 128, 299]

it('principal components of a wide codebook are those of numpy', () => {
  const found = principalComponents(entries, D, 3)
  const variances = [0.0841431488344, 0.0213849492, 0.00867432351186]
  found.variances.forEach((variance, i) => expect(variance / variances[i]! - 1).toBeCloseTo(0, 10))
  const along = projectRows(entries, found)
  const expected = [
    [-0.510825513, 0.122495264, 0.027677397],
    [0.338865587, 0.12288429, -0.00598963],
    [-0.06494058, -0.18997521, 0.098914357],
    [0.079797702, 0.151256821, 0.132058657],
    [0.171413659, -0.146298638, 0.066865235],
  ]
  ROWS.forEach((row, i) =>
    expected[i]!.forEach((value, c) => expect(along[row * 3 + c]).toBeCloseTo(value, 6)),
  )
})

it('colors of a codebook are those of numpy, to one step of a byte', () => {
  const colours = meaningColours(entries, D)
  const expected = [
    [73, 52, 32],
    [223, 200, 126],
    [163, 70, 234],
    [241, 104, 72],
    [188, 150, 226],
  ]
  ROWS.forEach((row, i) =>
    expected[i]!.forEach((value, c) =>
      expect(Math.abs(colours[row * 3 + c]! - value)).toBeLessThanOrEqual(1),
    ),
  )
})

it('the nearest entry of an entry has a similar color', () => {
  const next = mersenneTwister(5)
  const points = Float32Array.from(
    { length: 400 * 6 },
    (_, i) => (next() / 2 ** 32 - 0.5) / (1 + (i % 6)) ** 2,
  )
  const colours = meaningColours(points, 6)
  const lab = Array.from({ length: 400 }, (_, k) =>
    rgbToOklab([colours[k * 3]!, colours[k * 3 + 1]!, colours[k * 3 + 2]!]),
  )
  const [all, nearest]: [number[], number[]] = [[], []]
  for (let k = 0; k < 400; k++) {
    let [least, best] = [Infinity, 0]
    for (let other = 0; other < 400; other++) {
      if (other === k) continue
      let squared = 0
      for (let i = 0; i < 6; i++) squared += (points[k * 6 + i]! - points[other * 6 + i]!) ** 2
      if (squared < least) [least, best] = [squared, other]
      all.push(Math.hypot(...lab[k]!.map((x, i) => x - lab[other]![i]!)))
    }
    nearest.push(Math.hypot(...lab[k]!.map((x, i) => x - lab[best]![i]!)))
  }
  const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length
  // About a quarter; of distinct colors it would be 1.
  expect(mean(nearest) / mean(all)).toBeLessThan(0.35)
})

it('entries near each other have similar colors, equal ones the same', () => {
  // Two groups on a line, and a pair of equal entries in each.
  const line = Float32Array.of(0, 0, 0.1, 0.2, 10, 10, 10.1, 10.2).map((x) => x)
  const colours = meaningColours(line, 1)
  const of = (k: number) => Array.from(colours.subarray(k * 3, k * 3 + 3))
  expect(of(0)).toEqual(of(1))
  expect(of(4)).toEqual(of(5))
  const apart = (a: number, b: number) => Math.abs(colours[a * 3]! - colours[b * 3]!)
  expect(apart(0, 3)).toBeLessThan(apart(0, 4))
  // One direction varies: all are gray, from dark to light.
  for (let k = 0; k < 8; k++) expect(new Set(of(k)).size).toBe(1)
})

it('a codebook without variation is one gray', () => {
  expect(new Set(meaningColours(new Float32Array(30).fill(1), 3)).size).toBe(1)
  expect(Array.from(ranksOf(Float64Array.of(3, 1, 1, 2)))).toEqual([0.875, 0.25, 0.25, 0.625])
})
