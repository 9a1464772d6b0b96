// The states that linear probes read, against fairseq's `inner_states` of the official classes.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { layerMeansGraph } from '../../../src/engine/models/layer-means.ts'
import { EOS, SPECIALS } from '../../../src/engine/models/transformer-config.ts'
import { openModels, type OpenModels } from '../../../src/engine/model-set/open-models.ts'
import { tensor } from '../../../src/engine/session/index.ts'
import { maxDifference, OFFICIAL, reference, runGraph, values } from './run-graph.ts'

let models: OpenModels
beforeAll(async () => void (models = await openModels([OFFICIAL])))
afterAll(() => models.close())

test('the mean of every layer of stage 1 matches fairseq', async () => {
  const stage1 = await models.open('stage1')
  const tokens = await reference('sem_tokens')
  const ids = [0, 1].flatMap((image) => [
    EOS,
    ...Array.from(tokens.slice(image * 256, (image + 1) * 256), (token) => token + SPECIALS),
  ])
  const { means } = await runGraph(layerMeansGraph(stage1), { ids: tensor('i64', ids, [2, 257]) })
  const [layers, dim] = [stage1.config.layers + 1, stage1.config.dim]
  expect(means!.dims).toEqual([2, layers, dim])
  // The reference counts layers first.
  const expected = await reference('stage1_inner_means')
  const turned = Array.from({ length: expected.length }, (_, at) => {
    const [image, layer, d] = [Math.floor(at / (layers * dim)), Math.floor(at / dim) % layers, at % dim]
    return expected[(layer * 2 + image) * dim + d]!
  })
  expect(maxDifference(values(means), turned)).toBeLessThan(1e-4)
})
