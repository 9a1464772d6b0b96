// Token colors: stable, inside sRGB, and distinct.
import { describe, expect, it } from 'vitest'
import { DISTINCT_PALETTES, distinctColour } from '../../../src/shared/colour/distinct.ts'
import { inGamut, rgbToOklab } from '../../../src/shared/colour/oklch.ts'

const labs = (count: number, palette: (typeof DISTINCT_PALETTES)[number]) =>
  Array.from({ length: count }, (_, id) => rgbToOklab(distinctColour(id, palette)))

function leastDistance(points: readonly (readonly number[])[]): number {
  let least = Infinity
  for (let i = 0; i < points.length; i++)
    for (let j = 0; j < i; j++)
      least = Math.min(least, Math.hypot(...points[i]!.map((v, k) => v - points[j]![k]!)))
  return least
}

describe('cluster colours', () => {
  it('cluster colors never change, so old figures keep the same colors', () => {
    const some = [0, 1, 2, 511, 8191, 16383]
    expect(some.map((id) => distinctColour(id, 'distinct').join(' '))).toMatchInlineSnapshot(`
      [
        "247 108 71",
        "108 116 208",
        "17 115 75",
        "157 36 85",
        "76 141 163",
        "81 45 163",
      ]
    `)
    expect(some.map((id) => distinctColour(id, 'blue-yellow').join(' '))).toMatchInlineSnapshot(`
      [
        "121 121 121",
        "35 35 184",
        "26 24 18",
        "73 66 49",
        "137 162 244",
        "133 154 218",
      ]
    `)
  })

  it('cluster colors differ visibly: about 0.02 in OKLab', () => {
    expect(leastDistance(labs(32, 'distinct'))).toBeGreaterThan(0.045)
    expect(leastDistance(labs(128, 'distinct'))).toBeGreaterThan(0.025)
    expect(leastDistance(labs(512, 'distinct'))).toBeGreaterThan(0.012)
    expect(leastDistance(labs(32, 'blue-yellow'))).toBeGreaterThan(0.025)
  })

  it('cluster colors differ for nearly all of 16,384 tokens', () => {
    const different = new Set(Array.from({ length: 16384 }, (_, id) => distinctColour(id, 'distinct').join()))
    expect(different.size).toBeGreaterThan(16_300)
  })

  it('the blue-yellow palette has no red-green component', () => {
    for (const [, a] of labs(500, 'blue-yellow')) expect(Math.abs(a)).toBeLessThan(0.012)
  })

  it.each(DISTINCT_PALETTES)('cluster colors stay inside sRGB without clipping (%s)', (palette) => {
    for (const lab of labs(2000, palette)) expect(inGamut(...lab)).toBe(true)
  })
})
