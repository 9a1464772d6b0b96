import { describe, expect, it } from 'vitest'
import { positionsToRemask, remaskedCount } from '../../../src/engine/tokens/mask-schedule.ts'

describe('remaskedCount', () => {
  it('follows the cosine of the release: 256 positions in 8 steps', () => {
    let masked = 256
    const counts = Array.from({ length: 8 }, (_, step) => (masked = remaskedCount(step, 8, 256, masked)))
    expect(counts).toEqual([251, 236, 212, 181, 142, 97, 49, 0])
  })

  it('fills at least one position in each step, for any number of steps', () => {
    for (const steps of [1, 2, 3, 100, 256]) {
      let masked = 256
      for (let step = 0; step < steps; step++) {
        const next = remaskedCount(step, steps, 256, masked)
        expect(next).toBeLessThan(masked)
        masked = next
      }
      expect(masked).toBe(0)
    }
  })
})

describe('positionsToRemask', () => {
  const decoding = { steps: 4, choiceTemperature: 0 }
  const masked = Array.from({ length: 16 }, (_, i) => i >= 4)
  const logProbabilities = Float32Array.from({ length: 16 }, (_, i) => (i < 4 ? -100 : -i))

  it('masks the least likely of the open positions again, never a known one', () => {
    const again = positionsToRemask({
      logProbabilities,
      masked,
      total: 16,
      step: 1,
      decoding,
      seed: 0,
      image: 0,
    })
    expect(again).toHaveLength(remaskedCount(1, 4, 16, 12))
    expect(again.sort((a, b) => a - b)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
  })

  it('follows large noise, which is the same for the same seed and image', () => {
    const noisy = { steps: 4, choiceTemperature: 1000 }
    const of = (seed: number, image: number) =>
      positionsToRemask({ logProbabilities, masked, total: 16, step: 2, decoding: noisy, seed, image })
    expect(of(1, 2)).toEqual(of(1, 2))
    expect(of(1, 2)).not.toEqual(of(1, 3))
  })
})
