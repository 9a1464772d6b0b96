// The candidates of the sampler: probabilities before and after, what survives, and the token drawn.
import { describe, expect, it } from 'vitest'
import { drawnTruth, logitsToTruth } from '../../../../src/renderer/state/studio/truth.ts'
import { keptToToken, logitsToKept } from '../../../../src/shared/run/sampler.ts'

/** Probabilities of specials and four tokens as logits. */
const logits = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log)
const cell = {
  logits: logits(0.02, 0.02, 0.02, 0.02, 0.02, 0.1, 0.5, 0.2, 0.1),
  specials: 5,
  specialsInSoftmax: true,
}
const all = { temperature: 1, topK: 0, topP: 0 }

describe('the truth of a cell', () => {
  it('the most likely tokens come first, ties by number', () => {
    const { bars, survivors, vocabulary, mass, entropy } = logitsToTruth(cell, all, 2, 3)
    expect(bars.map(({ token }) => token)).toEqual([1, 2, 0])
    expect(bars[0]!.before).toBeCloseTo(0.5, 6)
    // Special tokens are never sampled: the other probabilities sum to 1.
    expect(bars[0]!.after).toBeCloseTo(0.5 / 0.9, 6)
    expect([survivors, vocabulary]).toEqual([4, 4])
    expect(mass).toBeCloseTo(0.9, 6)
    const expected = [0.02, 0.02, 0.02, 0.02, 0.02, 0.1, 0.5, 0.2, 0.1]
    expect(entropy).toBeCloseTo(-expected.reduce((sum, p) => sum + p * Math.log(p), 0), 6)
  })
  it('special tokens are excluded before the softmax, as in masked decoding', () => {
    const { bars, mass } = logitsToTruth({ ...cell, specialsInSoftmax: false }, all, 2, 1)
    expect(bars[0]!.before).toBeCloseTo(0.5 / 0.9, 6)
    expect(mass).toBeCloseTo(1, 6)
  })
  it('filters by top-k, or by top-p instead', () => {
    expect(logitsToTruth(cell, { ...all, topK: 2 }, 1, 4).bars.map(({ kept }) => kept)).toEqual([
      true,
      true,
      false,
      false,
    ])
    const both = logitsToTruth(cell, { temperature: 1, topK: 1, topP: 0.6 }, 3, 2)
    expect(both.survivors).toBe(2)
    expect(both.bars.map(({ after }) => after)).toEqual([expect.closeTo(5 / 7, 6), expect.closeTo(2 / 7, 6)])
    // The sampled token is reported although it was filtered out and is not among the bars.
    expect(both.drawn).toMatchObject({ token: 3, rank: 3, kept: false, after: 0 })
  })
  it('agrees with the record of a sample with the same settings', () => {
    const values = Float32Array.from({ length: 105 }, (_, i) => 3 * Math.sin(i * i))
    const sampling = { temperature: 0.7, topK: 40, topP: 0 }
    for (const uniform of [0.01, 0.4, 0.93]) {
      const drawn = keptToToken(logitsToKept(values, sampling), uniform)
      const truth = logitsToTruth({ ...cell, logits: values }, sampling, drawn.token, 10)
      expect(truth.drawn.rank).toBe(drawn.rank)
      expect(truth.logProbability).toBeCloseTo(drawn.logProbability, 12)
      expect(truth.entropy).toBeCloseTo(drawn.entropy, 12)
    }
  })
  it('the entropy drawn from is of what top-k and top-p leave, at the temperature', () => {
    const entropyOf = (...shares: number[]) => -shares.reduce((sum, p) => sum + p * Math.log(p), 0)
    const drawn = (sampling: Partial<typeof all>) =>
      logitsToTruth(cell, { ...all, ...sampling }, 1, 4).entropyDrawn
    // Of 0.5, 0.2, 0.1 and 0.1, without special tokens.
    expect(drawn({})).toBeCloseTo(entropyOf(5 / 9, 2 / 9, 1 / 9, 1 / 9), 6)
    expect(drawn({ topK: 2 })).toBeCloseTo(entropyOf(5 / 7, 2 / 7), 6)
    expect(drawn({ topP: 0.6 })).toBeCloseTo(entropyOf(5 / 7, 2 / 7), 6)
    expect(drawn({ topK: 1 })).toBe(0)
    // At temperature 0.5 probabilities are squared.
    expect(drawn({ temperature: 0.5, topK: 2 })).toBeCloseTo(entropyOf(25 / 29, 4 / 29), 6)
    // The one at T = 1 does not change with the settings.
    const before = (sampling: Partial<typeof all>) =>
      logitsToTruth(cell, { ...all, ...sampling }, 1, 4).entropyBefore
    expect(before({ temperature: 0.5, topK: 2 })).toBe(before({}))
  })
  it('refuses an unknown token', () => {
    expect(() => logitsToTruth(cell, all, 4, 3)).toThrow('token 4 is not among 4')
  })

  it('a generator of another family brings its rule: top-k, then top-p of the rest', () => {
    const own = { logits: logits(0.1, 0.4, 0.3, 0.2), specials: 0, specialsInSoftmax: true }
    const tokens = (truth: ReturnType<typeof drawnTruth>) =>
      truth.bars.map(({ token, kept }) => (kept ? token : -1))
    expect(tokens(drawnTruth({ ...own, rule: { topK: 3, topP: 0.5 } }, 1, 4))).toEqual([1, 2, -1, -1])
    // Of the three most likely, 0.4 / 0.9 is below 0.5; of all, 0.4 is above 0.3.
    expect(tokens(drawnTruth({ ...own, rule: { topP: 0.3 } }, 1, 4))).toEqual([1, -1, -1, -1])
    const sharp = drawnTruth({ ...own, rule: { temperature: 0.5, factor: 1 } }, 2, 1)
    expect(sharp.logProbability).toBeCloseTo(Math.log(0.09 / 0.3), 6)
    expect(sharp.bars[0]!.before).toBeCloseTo(0.4, 6)
  })
  it('the drawn mask is shown instead of the last code that the record has', () => {
    const own = { logits: logits(0.2, 0.3, 0.5), specials: 0, specialsInSoftmax: true, rule: {} }
    expect(drawnTruth({ ...own, mask: { id: 2, isDrawn: true } }, 1, 3).drawn.token).toBe(2)
    expect(drawnTruth({ ...own, mask: { id: 2, isDrawn: false } }, 1, 3).drawn.token).toBe(1)
  })
})
