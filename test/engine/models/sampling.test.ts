// The probabilities that fairseq's Sampling draws from, in the reference sampler and inside the graph; webgpu.ts has a GPU.
import { describe, expect, test } from 'vitest'
import { logitsToKept } from '../../../src/shared/run/sampler.ts'
import { expectOfficialDraws, settings, V } from './official-draws.ts'
import { maxDifference, reference } from './run-graph.ts'

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
