// The scores of a transformer for a whole sequence in one pass: a record of each token, or the logits of one position.
import { GraphBuilder, type Graph, type Value } from '../graph/index.ts'
import { score } from './sampling.ts'
import { attention } from './attention.ts'
import { denseLinear, type Attend } from './blocks.ts'
import type { TransformerModel } from './transformer-graphs.ts'
import { causalMask, checkTransformerTensors, embed, transformerLayers } from './transformer.ts'

/**
 * `ids` i64 [B, T], whose last 256 positions predict the 256 `tokens` i64 [B, 256]; `temperature` f32 [] ->
 * `log_probabilities`, `ranks`, `entropies` [B*256] of those tokens. `ids` of an autoregressive model are the prefix
 * and all tokens except the last; of a masked model the prefix, `</s>` and the visible codes.
 */
export function scoreGraph(model: TransformerModel): Graph {
  const { tensors, config, linear = denseLinear(tensors), arithmetic } = model
  const { cells } = config.grid
  const g = new GraphBuilder(`${config.kind}_score`, arithmetic)
  const x = states(g, model)
  const tokens = g.input('tokens', 'i64', ['B', cells])
  const last = g.slice(x, 1, -cells, Infinity, cells)
  const rows = g.reshape(last, [`B*${cells}`, config.dim])
  const { logProbability, rank, entropy } = score(
    g,
    linear(g, rows, HEAD, undefined),
    g.reshape(tokens, [`B*${cells}`]),
    g.input('temperature', 'f32', []),
    { specialsInSoftmax: config.kind !== 'stage2-nar' },
  )
  g.output('log_probabilities', logProbability)
  g.output('ranks', rank)
  g.output('entropies', entropy)
  return g.build()
}

/**
 * `ids` i64 [B, T] and one `position` i64 [1] in them -> its `logits` f32 [B, V]. With `givenMask`, each sequence has its
 * own additive attention mask, `mask` f32 [B, 1, T, T], in place of the model's.
 */
export function positionGraph(model: TransformerModel, { givenMask = false } = {}): Graph {
  const { tensors, config, linear = denseLinear(tensors), arithmetic } = model
  const g = new GraphBuilder(`${config.kind}_position`, arithmetic)
  const x = states(g, model, givenMask ? g.input('mask', 'f32', ['B', 1, 'T', 'T']) : undefined)
  const row = g.op('Gather', [x, g.input('position', 'i64', [1])], { axis: 1 }) // [B, 1, C]
  g.output('logits', linear(g, g.reshape(row, ['B', config.dim]), HEAD, undefined))
  return g.build()
}

/** The output projection. */
export const HEAD = 'decoder.output_projection.weight'

/** The input `ids` i64 [B, T] through all layers: [B, T, C]. Without a mask, causal unless the model is NAR. */
function states(
  g: GraphBuilder,
  { tensors, config, linear = denseLinear(tensors) }: TransformerModel,
  given?: Value,
): Value {
  checkTransformerTensors(tensors, config)
  const ids = g.input('ids', 'i64', ['B', 'T'])
  const zero = g.scalar(0, 'i64')
  const mask = given ?? (config.kind === 'stage2-nar' ? undefined : causalMask(g, ids, zero, 'T'))
  const attend: Attend = (g, q, k, v) => attention(g, q, k, v, mask)
  const x = transformerLayers(g, tensors, config, embed(g, tensors, config, ids, zero), ids, attend, linear)
  const shape = g.concat([g.shapeOf(ids, 0, 2), g.constant('i64', [config.dim])], 0)
  return g.reshape(x, ['B', 'T', config.dim], shape)
}
