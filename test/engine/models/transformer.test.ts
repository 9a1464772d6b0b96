// Every use of fairseq's decoder against the logits of the original code, on the processor; webgpu.ts has a GPU.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { graphToText } from '../../../src/engine/graph/index.ts'
import { stepGraph, sequenceGraph } from '../../../src/engine/models/transformer-graphs.ts'
import { openModels, type OpenModels } from '../../../src/engine/model-set/open-models.ts'
import { ModelError } from '../../../src/shared/errors.ts'
import { expectOfficialLogits, officialTokens, uses, type OfficialTokens } from './official-logits.ts'
import { OFFICIAL } from './run-graph.ts'

let models: OpenModels
let tokens: OfficialTokens
beforeAll(async () => {
  models = await openModels([OFFICIAL])
  tokens = await officialTokens()
})
afterAll(() => models.close())

test.each(uses)('%s matches the original %s', async (...use) => {
  await expectOfficialLogits(models, tokens, use, { provider: 'cpu', images: [0, 1] })
})

test('the graph of one step has this text: one layer, weights by reference, the cache in and out', async () => {
  const model = await models.open('stage1')
  const text = graphToText(stepGraph({ ...model, config: { ...model.config, layers: 1 } }))
  await expect(text).toMatchFileSnapshot('stage1-step.txt')
})

describe('a checkpoint that does not fit its configuration', () => {
  test('a missing tensor is reported with its file and shape', async () => {
    const model = await models.open('stage1')
    const config = { ...model.config, layers: model.config.layers + 1 }
    const build = () => sequenceGraph({ ...model, config })
    expect(build).toThrow(ModelError)
    expect(build).toThrow(
      /tiny_stage1\/checkpoints\/checkpoint_last\.pt: tensor model\.decoder\.layers\.3\.self_attn\.q_proj\.weight of shape \[64, 64\] is missing/,
    )
  })

  test('a wrong shape is reported with both shapes', async () => {
    const model = await models.open('stage1')
    const config = { ...model.config, ffn: 128 }
    expect(() => sequenceGraph({ ...model, config })).toThrow(
      /model\.decoder\.layers\.0\.fc1\.weight has shape \[160, 64\], expected \[128, 64\]/,
    )
  })

  test('a position table too short for a grid is reported', async () => {
    const model = await models.open('stage2Ar')
    const short = (name: string, shape?: readonly number[]) => {
      const view = model.tensors.get(name, shape)
      return name.endsWith('embed_positions_1.weight') ? { ...view, shape: [200, 64] } : view
    }
    expect(() => sequenceGraph({ ...model, tensors: { ...model.tensors, get: short } })).toThrow(
      /embed_positions_1\.weight has shape \[200, 64\], expected at least \[258, 64\]/,
    )
  })
})
