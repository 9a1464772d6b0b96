// The transformer and the draws through WebGPU, here a GPU in software, against the original code and the processor.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attentionGraph } from '../../../src/engine/models/attention-graph.ts'
import { positionGraph } from '../../../src/engine/models/score-graph.ts'
import { cacheNames } from '../../../src/engine/models/attention.ts'
import { stepGraph } from '../../../src/engine/models/transformer-graphs.ts'
import { openModels, type OpenModels } from '../../../src/engine/model-set/open-models.ts'
import { tensor } from '../../../src/engine/session/index.ts'
import { gridOfSide } from '../../../src/shared/grid/shape.ts'
import { expectOfficialDraws, settings } from './official-draws.ts'
import {
  expectOfficialLogits,
  LOGIT_TOLERANCE,
  officialTokens,
  prefixOf,
  symbols,
  uses,
  type OfficialTokens,
} from './official-logits.ts'
import { maxDifference, OFFICIAL, runGraph, values } from './run-graph.ts'

let models: OpenModels
let tokens: OfficialTokens
beforeAll(async () => {
  models = await openModels([OFFICIAL])
  tokens = await officialTokens()
})
afterAll(() => models.close())

test.each(uses)('%s matches the original %s', async (...use) => {
  await expectOfficialLogits(models, tokens, use, { provider: 'webgpu', images: [0], positions: 32 })
})

test('attention, its lens and a given mask are the same through WebGPU as on the processor', async () => {
  const opened = await models.open('stage2Ar')
  // Grids of a quarter: every position reads the earlier ones, for which a GPU in software takes long.
  const model = { ...opened, config: { ...opened.config, grid: gridOfSide(8) } }
  const { cells } = model.config.grid
  const ids = [...prefixOf(opened, tokens.sem[0]!.slice(0, cells)), 2, ...symbols(tokens.vq[0]!)].slice(
    0,
    cells + 32,
  )
  const T = ids.length
  const mask = Float32Array.from({ length: T * T }, (_, at) =>
    at % T > at / T || at % T === 7 ? -Infinity : 0,
  )
  mask[7 * T + 7] = 0
  const input = { ids: tensor('i64', ids, [1, T]), position: tensor('i64', [T - 1], [1]) }
  // Three positions after a cache of five, of which one is hidden.
  const { layers, heads, dim } = model.config
  const cache = Float32Array.from({ length: dim * 5 }, (_, at) => Math.sin(at))
  const resumed = {
    ids: tensor('i64', ids.slice(5, 8), [1, 3]),
    start: tensor('i64', [5], []),
    mask: tensor(
      'f32',
      Float32Array.from({ length: 24 }, (_, at) => (at % 8 === 2 || (at % 8) - 5 > at / 8 ? -Infinity : 0)),
      [3, 8],
    ),
    ...Object.fromEntries(
      cacheNames('past', layers).map((name) => [name, tensor('f32', cache, [1, heads, 5, dim / heads])]),
    ),
  }
  for (const [graph, feeds] of [
    [attentionGraph(model), input],
    [positionGraph(model, { givenMask: true }), { ...input, mask: tensor('f32', mask, [1, 1, T, T]) }],
    [stepGraph(model, { givenMask: true }), resumed],
  ] as const) {
    const [here, there] = await Promise.all([runGraph(graph, feeds), runGraph(graph, feeds, 'webgpu')])
    expect(Object.keys(there)).toEqual(Object.keys(here))
    for (const name of Object.keys(here))
      expect(maxDifference(values(there[name]), values(here[name])), name).toBeLessThan(LOGIT_TOLERANCE)
  }
})

// A draw takes a millisecond here.
test.each(settings)('%s: the graph draws from the same distribution', async (...setting) => {
  await expectOfficialDraws(setting, 'webgpu', 400)
})
