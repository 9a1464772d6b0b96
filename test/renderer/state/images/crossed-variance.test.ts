// The split of the variance between the stages, against least-squares fits in NumPy: tools/referee/variance.py.
import { describe, expect, it } from 'vitest'
import expected from '../../../fixtures/referee/variance.json' with { type: 'json' }
import { crossedSums, PARTS } from '../../../../src/renderer/state/images/crossed-variance.ts'

const { side, grids, noises, pictures } = expected
const picture = (at: number) => Uint8ClampedArray.from(pictures[at]!)
const sumsOf = (all: readonly number[]) => {
  const sums = crossedSums(side, grids, noises)
  for (const at of all) sums.add(picture(at), Math.floor(at / noises), at % noises)
  return sums
}
const all = pictures.map((_, at) => at)

describe('grids crossed with random numbers', () => {
  it('have the variances and maps of NumPy, in whatever order pictures arrive', () => {
    for (const order of [all, [...all].reverse()]) {
      const { variance, total, share, deviation } = sumsOf(order).result()!
      for (const part of PARTS) {
        expect(variance[part]).toBeCloseTo(expected.variance[part], 9)
        deviation[part].forEach((value, pixel) =>
          expect(value).toBeCloseTo(expected.deviation[part][pixel]!, 4),
        )
        expect(share![part]).toBeCloseTo(expected.variance[part] / total, 12)
      }
      expect(PARTS.reduce((sum, part) => sum + share![part], 0)).toBeCloseTo(1, 12)
    }
  })

  it('have no split before every pair is there, and no shares without any variance', () => {
    expect(sumsOf(all.slice(1)).result()).toBeUndefined()
    const flat = crossedSums(1, 2, 2)
    for (const [grid, noise] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const)
      flat.add(new Uint8ClampedArray(4).fill(7), grid, noise)
    expect(flat.result()).toMatchObject({ total: 0, share: undefined })
  })

  it('refuse a picture twice, another size, and fewer than two of either', () => {
    const sums = sumsOf([0])
    expect(() => sums.add(picture(0), 0, 0)).toThrow('added before')
    expect(() => sums.add(picture(0), grids, 0)).toThrow(RangeError)
    expect(() => sums.add(new Uint8ClampedArray(4), 0, 1)).toThrow('a picture of 1 pixels')
    expect(() => crossedSums(2, 1, 3)).toThrow('at least 2 x 2')
  })
})
