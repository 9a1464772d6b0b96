import { expect, it } from 'vitest'
import { principalComponents, projectRows } from '../../../src/engine/tokens/principal-components.ts'
import { mersenneTwister } from '../../../src/shared/mersenne-twister.ts'

const [N, D] = [400, 6]
const next = mersenneTwister(3)
const random = () => next() / 2 ** 32 - 0.5
/** Axes of very different length, mixed and moved away from the origin. */
const rows = Float32Array.from({ length: N * D })
for (let row = 0; row < N; row++) {
  const along = Array.from({ length: D }, (_, i) => (random() * 10) / (i + 1))
  for (let i = 0; i < D; i++) rows[row * D + i] = 3 * i + along[i]! + 0.5 * along[(i + 1) % D]!
}
const mean = Array.from(
  { length: D },
  (_, i) => rows.filter((_, at) => at % D === i).reduce((a, b) => a + b, 0) / N,
)
const covariance = (i: number, j: number) => {
  let sum = 0
  for (let row = 0; row < N; row++) sum += (rows[row * D + i]! - mean[i]!) * (rows[row * D + j]! - mean[j]!)
  return sum / N
}
const found = principalComponents(rows, D, D)

it('directions are orthonormal eigenvectors of the covariance, by decreasing variance', () => {
  for (const [a, v] of found.directions.entries()) {
    for (const [b, w] of found.directions.entries())
      expect(v.reduce((sum, x, i) => sum + x * w[i]!, 0)).toBeCloseTo(a === b ? 1 : 0, 6)
    for (let i = 0; i < D; i++) {
      const image = v.reduce((sum, x, j) => sum + covariance(i, j) * x, 0)
      expect(image).toBeCloseTo(found.variances[a]! * v[i]!, 4)
    }
    const largest = v.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0)
    expect(largest).toBeGreaterThan(0)
  }
  expect(found.variances).toEqual([...found.variances].sort((a, b) => b - a))
  const trace = Array.from({ length: D }, (_, i) => covariance(i, i)).reduce((a, b) => a + b, 0)
  expect(found.variances.reduce((a, b) => a + b, 0)).toBeCloseTo(trace, 6)
})

it('coordinates have those variances', () => {
  const plane = projectRows(rows, principalComponents(rows, D, 2))
  for (const axis of [0, 1]) {
    const values = plane.filter((_, i) => i % 2 === axis)
    expect(values.reduce((sum, x) => sum + x, 0) / N).toBeCloseTo(0, 4)
    expect(values.reduce((sum, x) => sum + x * x, 0) / N).toBeCloseTo(found.variances[axis]!, 4)
  }
})

it('equal rows have zero variance', () => {
  const { variances } = principalComponents(new Float32Array(40).fill(2), 4, 2)
  expect(variances).toEqual([0, 0])
})
