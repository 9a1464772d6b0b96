import { describe, expect, it } from 'vitest'
import { gumbel, philox, uniform } from '../../../src/engine/tokens/random.ts'

describe('philox', () => {
  // Known-answer vectors of the authors' library: Random123, tests/kat_vectors, philox4x32 10 rounds.
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)('gives the published values for counter %j', (counter, key, expected) => {
    expect(philox(counter, key)).toEqual(expected)
  })
})

describe('streams', () => {
  it('differ by seed, image, use and position', () => {
    const draws = [
      uniform(1, 0, 'stage1', 0),
      uniform(2, 0, 'stage1', 0),
      uniform(2 ** 32 + 1, 0, 'stage1', 0),
      uniform(1, 1, 'stage1', 0),
      uniform(1, 0, 'stage2', 0),
      uniform(1, 0, 'stage1', 1),
    ]
    expect(new Set(draws).size).toBe(draws.length)
  })

  it('are uniform: mean and variance of 20,000 draws within five standard errors', () => {
    const draws = Array.from({ length: 20_000 }, (_, i) => uniform(7, i, 'stage1', i % 256))
    const mean = draws.reduce((a, b) => a + b) / draws.length
    const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / draws.length))
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / draws.length))
    expect(draws.every((draw) => draw >= 0 && draw < 1 && Math.fround(draw) === draw)).toBe(true)
  })

  it('give finite Gumbel noise with mean near the Euler-Mascheroni constant', () => {
    const draws = Array.from({ length: 20_000 }, (_, i) => gumbel(3, i, 'maskedChoice', 0))
    expect(draws.every(Number.isFinite)).toBe(true)
    expect(draws.reduce((a, b) => a + b) / draws.length).toBeCloseTo(0.5772, 1)
  })
})
