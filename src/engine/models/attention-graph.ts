// One pass over the input of a drawn token that also shows how the model came to it: where each head of each layer reads,
// and what each layer would predict. B = 1, T = positions, H = heads, C = dim, V = dictionary.
import { GraphBuilder, type Graph, type Value } from '../graph/index.ts'
import { HEAD } from './score-graph.ts'
import { attentionWeights } from './attention.ts'
import { denseLinear, layerNorm, type Attend } from './blocks.ts'
import type { TransformerModel } from './transformer-graphs.ts'
import { causalMask, checkTransformerTensors, embed, transformerLayers } from './transformer.ts'

/** Name of a layer's attention, averaged over its heads. */
export const meanOfHeads = (layer: number): string => `mean_${layer}`

/**
 * `ids` i64 [1, T] and one `position` i64 [1] in them ->
 * - `weights` f32 [layers, H, T]: the softmax of that position over all positions, as in fairseq's MultiheadAttention;
 * - `mean_i` f32 [T, T]: attention of every position in layer i, averaged over heads, for rollout;
 * - `lens` f32 [layers + 1, V]: the output projection (after the final norm of a pre-norm model) applied to the state
 *   of that position before the first and after each layer, fairseq's `inner_states`. The last row are the logits.
 *
 * The largest tensors are one layer's attention, 4 H T^2 bytes (20 heads, 513 positions: 21 MB), and all means together,
 * 4 layers T^2 bytes (36 layers: 38 MB).
 */
export function attentionGraph({
  tensors,
  config,
  linear = denseLinear(tensors),
  arithmetic,
}: TransformerModel): Graph {
  checkTransformerTensors(tensors, config)
  const { heads, kind } = config
  const g = new GraphBuilder(`${kind}_attention`, arithmetic)
  const ids = g.input('ids', 'i64', [1, 'T'])
  const position = g.input('position', 'i64', [1])
  const zero = g.scalar(0, 'i64')
  const mask = kind === 'stage2-nar' ? undefined : causalMask(g, ids, zero, 'T')
  const rows: Value[] = []
  const attend: Attend = (g, q, k, v, layer) => {
    const weights = attentionWeights(g, q, k, mask) // [1, H, T, T]
    rows.push(g.reshape(g.op('Gather', [weights, position], { axis: 2 }), [1, heads, 'T']))
    const sum = g.reduceSum(weights, 1, false) // [1, T, T]
    g.output(meanOfHeads(layer), g.op('Div', [sum, g.scalar(heads)]))
    return g.op('MatMul', [weights, v])
  }
  const first = embed(g, tensors, config, ids, zero)
  const states: Value[] = []
  const keep = (x: Value) => void states.push(g.op('Gather', [x, position], { axis: 0 })) // [1, C]
  keep(first)
  transformerLayers(g, tensors, config, first, ids, attend, linear, keep)
  g.output('weights', g.concat(rows, 0))
  const lens = g.concat(states, 0) // [layers + 1, C]
  const normed = config.preNorm ? layerNorm(g, tensors, lens, 'decoder.layer_norm') : lens
  g.output('lens', linear(g, normed, HEAD, undefined))
  return g.build()
}
