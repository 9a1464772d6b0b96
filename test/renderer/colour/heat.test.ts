// Heat: the ends of a scale, logarithmic ranks, odd input.
import { describe, expect, it } from 'vitest'
import { heatColour, heatPixels, heatScale, heatShare } from '../../../src/renderer/colour/heat.ts'

describe('heat', () => {
  it('the scale spans the values', () => {
    const scale = heatScale([-4, -1, -2.5])
    expect(scale).toEqual({ least: -4, most: -1, logarithmic: false })
    expect([-4, -2.5, -1].map((value) => heatShare(value, scale))).toEqual([0, 0.5, 1])
    expect([...heatPixels([-4, -1], scale)]).toEqual([0, 34, 78, 255, 254, 232, 56, 255])
  })
  it('the first ranks get most of the scale', () => {
    const scale = heatScale([0, 999], true)
    expect(heatShare(9, scale)).toBeCloseTo(1 / 3)
  })
  it('one value and no values also get a scale', () => {
    expect(heatScale([7, 7])).toMatchObject({ least: 7, most: 8 })
    expect(heatScale([])).toMatchObject({ least: 0, most: 1 })
    expect(heatScale([NaN, -Infinity, 2, 3])).toMatchObject({ least: 2, most: 3 })
  })
  it('the lightness increases along the scale', () => {
    const sums = Array.from({ length: 20 }, (_, i) => heatColour(i / 19).reduce((a, b) => a + b))
    expect(sums).toEqual([...sums].sort((a, b) => a - b))
  })
})
