// The probabilities that fairseq's Sampling draws from, and their comparison with the draws inside the graph.
import { expect } from 'vitest'
import { samplingFeeds } from '../../../src/engine/decoding/autoregressive.ts'
import { GraphBuilder } from '../../../src/engine/graph/index.ts'
import { draw, samplingInputs } from '../../../src/engine/models/sampling.ts'
import { tensor, type Provider } from '../../../src/engine/session/index.ts'
import { keptToToken, logitsToKept } from '../../../src/shared/run/sampler.ts'
import type { Sampling } from '../../../src/shared/run/run.ts'
import { maxDifference, reference, runGraph, values } from './run-graph.ts'

export const V = 69
/** Of fairseq's Sampling, after the name of the array that has its probabilities. */
type Setting = readonly [name: string, sampling: Sampling]
export const settings: readonly Setting[] = [
  ['filter_probs_topk20_t1', { temperature: 1, topK: 20, topP: 0 }],
  ['filter_probs_topk5_t0.7', { temperature: 0.7, topK: 5, topP: 0 }],
  ['filter_probs_topp0.8_t1', { temperature: 1, topK: 200, topP: 0.8 }],
  ['filter_probs_topp0.95_t1.3', { temperature: 1.3, topK: 0, topP: 0.95 }],
]

/** `cells` draws for each of two rows of logits. */
export async function expectOfficialDraws(
  [name, sampling]: Setting,
  provider: Provider,
  cells: number,
): Promise<void> {
  // A grid of uniforms is an exact sample: each token is drawn for as many as its probability says, give or take
  // the two cells at the ends of its interval, of any number of cells.
  const logits = await reference('filter_logits')
  const expected = await reference(name)
  const g = new GraphBuilder('draw')
  const inputs = samplingInputs(g)
  const drawn = draw(g, g.input('logits', 'f32', ['B', V]), g.input('uniforms', 'f32', ['B']), inputs)
  g.output('tokens', drawn.token)
  g.output('log_probabilities', drawn.logProbability)
  g.output('ranks', drawn.rank)
  g.output('entropies', drawn.entropy)
  const graph = g.build()
  for (const b of [0, 5]) {
    const row = logits.slice(b * V, (b + 1) * V)
    const uniforms = Float32Array.from({ length: cells }, (_, i) => (i + 0.5) / cells)
    const outputs = await runGraph(
      graph,
      {
        logits: tensor(
          'f32',
          Float32Array.from({ length: cells * V }, (_, i) => row[i % V]!),
          [cells, V],
        ),
        uniforms: tensor('f32', uniforms, [cells]),
        ...samplingFeeds(sampling, V - 5),
      },
      provider,
    )
    const tokens = values(outputs.tokens)
    const counts = new Float64Array(V)
    for (const token of tokens) counts[token + 5]!++
    expect(
      maxDifference(
        counts.map((count) => count / cells),
        expected.slice(b * V, (b + 1) * V),
      ),
    ).toBeLessThan(1.01 / cells)
    const kept = logitsToKept(row, sampling)
    const reasons = Array.from(uniforms, (uniform) => keptToToken(kept, uniform))
    // Where the uniform lies within rounding of a boundary the two may part; nowhere else.
    const sure = reasons.flatMap((reason, i) => (reason.margin > 1e-6 ? [i] : []))
    expect(sure.length).toBeGreaterThan(cells * 0.99)
    const pick = (all: number[]) => sure.map((i) => all[i]!)
    expect(pick(tokens)).toEqual(sure.map((i) => reasons[i]!.token))
    expect(pick(values(outputs.ranks))).toEqual(sure.map((i) => reasons[i]!.rank))
    const logs = sure.map((i) => reasons[i]!.logProbability)
    expect(maxDifference(pick(values(outputs.log_probabilities)), logs)).toBeLessThan(1e-5)
    expect(
      maxDifference(
        values(outputs.entropies),
        reasons.map(({ entropy }) => entropy),
      ),
    ).toBeLessThan(1e-5)
  }
}
