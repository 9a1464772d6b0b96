import { describe, expect, it } from 'vitest'
import { compareCodebooks } from '../../../src/engine/tokens/compare-codebooks.ts'
import { mersenneTwister } from '../../../src/shared/mersenne-twister.ts'
import { countOf, entropyOf } from './atlas/made-up.ts'

const [K, L, IMAGES] = [7, 5, 8]
const N = IMAGES * 256
const next = mersenneTwister(11)
const draw = (n: number) => next() % n
const a = Int32Array.from({ length: N }, () => draw(K - 1)) // the last entry is unused
const b = a.map((token) => (draw(3) === 0 ? draw(L) : token % L))
const distances = Float32Array.from({ length: N }, () => draw(100))
const cells = Array.from(a, (token, i) => ({ a: token, b: b[i]! }))
const found = compareCodebooks(
  { images: IMAGES, entries: K, tokens: a, distances },
  { images: IMAGES, entries: L, tokens: b },
  { ofA: Int32Array.from([4, 3, 2, 1, 0, 0, 0]), ofB: Int32Array.from([4, 3, 2, 1, 1]) },
)
const range = (n: number) => Array.from({ length: n }, (_, i) => i)
const together = (k: number, l: number) => countOf(cells, (cell) => cell.a === k && cell.b === l)

describe('two codebooks over the same cells', () => {
  it('counts used entries, perplexity and quantization error', () => {
    const counts = range(K).map((k) => countOf(cells, (cell) => cell.a === k))
    expect(found.images).toBe(8)
    expect(found.a).toMatchObject({ entries: K, used: K - 1 })
    expect(found.a.perplexity).toBeCloseTo(Math.exp(entropyOf(counts)), 8)
    expect(found.a.quantisationError).toBeCloseTo(distances.reduce((x, y) => x + y, 0) / N, 8)
    expect(found.b.quantisationError).toBeUndefined()
  })

  it('computes the normalized mutual information', () => {
    const [pa, pb] = [
      range(K).map((k) => countOf(cells, (c) => c.a === k) / N),
      range(L).map((l) => countOf(cells, (c) => c.b === l) / N),
    ]
    let information = 0
    for (const k of range(K))
      for (const l of range(L)) {
        const p = together(k, l) / N
        if (p > 0) information += p * Math.log(p / (pa[k]! * pb[l]!))
      }
    expect(found.normalisedMutualInformation).toBeCloseTo(
      (2 * information) / (entropyOf(pa) + entropyOf(pb)),
      9,
    )
  })

  it('matches entries by overlap', () => {
    const [overlap] = found.matchings
    const best = (count: (i: number) => number, n: number) => {
      const counts = range(n).map(count)
      return Math.max(...counts) === 0 ? -1 : counts.indexOf(Math.max(...counts))
    }
    const ofA = range(K).map((k) => best((l) => together(k, l), L))
    const ofB = range(L).map((l) => best((k) => together(k, l), K))
    expect(overlap!.by).toBe('overlap')
    expect([...overlap!.match]).toEqual(ofA)
    for (const k of range(K - 1))
      expect(overlap!.share[k]).toBeCloseTo(together(k, ofA[k]!) / countOf(cells, (cell) => cell.a === k), 6)
    expect(overlap!.share[K - 1]).toBeNaN()
    expect(overlap!.mutual).toBe(countOf(range(K), (k) => ofA[k]! >= 0 && ofB[ofA[k]!] === k))
    expect(overlap!.agreement).toBeCloseTo(countOf(cells, (cell) => ofA[cell.a] === cell.b) / N, 12)
  })

  it('matches entries by the given nearest centroids', () => {
    const nearest = found.matchings[1]!
    expect([nearest.by, nearest.mutual]).toEqual(['nearest', 4])
    expect(nearest.agreement).toBeCloseTo(countOf(cells, (cell) => nearest.match[cell.a] === cell.b) / N, 12)
  })

  it('finds full agreement of a codebook with itself, and refuses different numbers of images', () => {
    const own = { images: IMAGES, entries: K, tokens: a }
    const same = compareCodebooks(own, own)
    expect(same.matchings[0]).toMatchObject({ agreement: 1, mutual: K - 1 })
    expect(same.normalisedMutualInformation).toBeCloseTo(1, 12)
    expect(() => compareCodebooks(own, { images: IMAGES - 1, entries: L, tokens: b.slice(256) })).toThrow(
      'numbers of cells differ (2048 in 8 images and 1792 in 7)',
    )
  })
})
