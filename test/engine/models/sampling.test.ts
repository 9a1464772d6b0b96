// The probabilities that fairseq's Sampling draws from, in the reference sampler and inside the graph; webgpu.ts has a GPU.
import { describe, expect, it, test } from 'vitest'
import { samplingFeeds } from '../../../src/engine/decoding/autoregressive.ts'
import { GraphBuilder } from '../../../src/engine/graph/index.ts'
import { candidates, draw, samplingInputs } from '../../../src/engine/models/sampling.ts'
import { tensor } from '../../../src/engine/session/index.ts'
import { logitsToKept } from '../../../src/shared/run/sampler.ts'
import { expectOfficialDraws, settings, V } from './official-draws.ts'
import { maxDifference, reference, runGraph, values } from './run-graph.ts'

describe.each(settings)('%s', (...setting) => {
  const [name, sampling] = setting

  test('the reference sampler keeps the same tokens with the same probabilities, to 1e-5', async () => {
    const logits = await reference('filter_logits')
    const expected = await reference(name)
    for (let b = 0; b < 8; b++) {
      const { tokens, probabilities } = logitsToKept(logits.slice(b * V, (b + 1) * V), sampling)
      const total = probabilities.reduce((a, p) => a + p)
      const found = new Float64Array(V)
      tokens.forEach((token, i) => (found[token + 5] = probabilities[i]! / total))
      expect(maxDifference(found, expected.slice(b * V, (b + 1) * V))).toBeLessThan(1e-5)
    }
  })

  test('the graph draws from the same distribution', () => expectOfficialDraws(setting, 'cpu', 2000))
})

describe('sorting only what top-p may keep', () => {
  const SIZE = 2048
  /** Rows of logits with the specials' in front: peaked, flat, of equal tokens, and mostly specials. */
  const rows: Readonly<Record<string, (token: number) => number>> = {
    peaked: (token) => -0.02 * ((token * 769) % SIZE),
    flat: (token) => Math.sin(token) * 1e-3,
    'equal tokens': (token) => Number(token % 3 === 0),
    'mostly specials': (token) => (token < 5 ? 12 : Math.sin(token * token)),
  }
  const UNIFORMS = Array.from({ length: 32 }, (_, i) => i / 31.9)
  const drawn = (logits: (token: number) => number, topP: number, sortsCandidates: boolean) => {
    const g = new GraphBuilder('draw')
    const [B, inputs] = [UNIFORMS.length, samplingInputs(g)]
    const uniforms = g.input('uniforms', 'f32', ['B'])
    const made = draw(g, g.input('logits', 'f32', ['B', SIZE + 5]), uniforms, inputs, { sortsCandidates })
    for (const [name, value] of Object.entries(made)) g.output(name, value as typeof uniforms)
    const row = Array.from({ length: SIZE + 5 }, (_, token) => logits(token))
    return runGraph(g.build(), {
      logits: tensor('f32', Float32Array.from(UNIFORMS.flatMap(() => row)), [B, SIZE + 5]),
      uniforms: tensor('f32', Float32Array.from(UNIFORMS), [B]),
      ...samplingFeeds({ temperature: 1, topK: 0, topP }, SIZE),
    })
  }

  describe.each(Object.entries(rows))('%s', (_, logits) => {
    it.each([0.01, 0.8, 0.999, 1, 0])('draws the same to the last bit, top-p %d', async (topP) => {
      const [all, few] = [await drawn(logits, topP, false), await drawn(logits, topP, true)]
      for (const [name, { data }] of Object.entries(all))
        expect([name, few[name]!.data]).toEqual([name, data])
      expect(new Set(values(all.token)).size).toBeGreaterThan(topP === 0.01 ? 0 : 1)
    })
  })

  /** For rows of probabilities, each of 64 tokens. */
  const sorted = async (topK: number, topP: number, ...probabilities: readonly number[][]) => {
    const g = new GraphBuilder('candidates')
    g.output('count', candidates(g, g.input('tokens', 'f32', ['B', 64]), samplingInputs(g)))
    const logs = Float32Array.from(probabilities.flat(), Math.log)
    const { count } = await runGraph(g.build(), {
      tokens: tensor('f32', logs, [probabilities.length, 64]),
      ...samplingFeeds({ temperature: 1, topK: 0, topP }, 64),
      top_k: tensor('i64', [topK], [1]),
    })
    return values(count)[0]
  }
  const of = (...likely: number[]) => Array.from({ length: 64 }, (_, i) => likely[i] ?? 1e-4)

  it('as many as the row that needs most, and no more than top-k', async () => {
    expect(await sorted(64, 0.8, of(0.5, 0.3, 0.19))).toBe(3)
    expect(await sorted(64, 0.8, of(0.5, 0.3, 0.19), of(0.2, 0.2, 0.2, 0.2, 0.19))).toBe(5)
    expect(await sorted(4, 0.8, of(0.2, 0.2, 0.2, 0.2, 0.19))).toBe(4)
    // Tokens that sum to less than top-p are all kept, and so are those whose sum is not a number.
    expect(await sorted(64, 0.8, of(0.4, 0.3))).toBe(64)
    expect(await sorted(64, 0.8, of(0.5, 0.3, 0.19), of(NaN))).toBe(64)
  })
})
