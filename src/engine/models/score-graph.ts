// What a transformer thinks of tokens that it is given: one pass over whole sequences.
import { GraphBuilder, type Graph } from '../graph/index.ts'
import { score } from './sampling.ts'
import { attention, type TransformerModel } from './transformer-graphs.ts'
import { causalMask, checkTransformerTensors, denseLinear, embed, transformerLayers } from './transformer.ts'
import { GRID_TOKENS } from './transformer-config.ts'

/**
 * `ids` i64 [B, T], whose last 256 positions predict the 256 `tokens` i64 [B, 256]; `temperature` f32 [] ->
 * `log_probabilities`, `ranks`, `entropies` [B*256] of those tokens. An autoregressive model is handed the prefix
 * and the tokens but for the last, a masked one the prefix, `</s>` and the codes it shall see.
 */
export function scoreGraph({ tensors, config, linear = denseLinear(tensors) }: TransformerModel): Graph {
  checkTransformerTensors(tensors, config)
  const g = new GraphBuilder(`${config.kind}_score`)
  const ids = g.input('ids', 'i64', ['B', 'T'])
  const tokens = g.input('tokens', 'i64', ['B', GRID_TOKENS])
  const isMasked = config.kind === 'stage2-nar'
  const zero = g.scalar(0, 'i64')
  const mask = isMasked ? undefined : causalMask(g, ids, zero, 'T')
  const x = transformerLayers(
    g,
    tensors,
    config,
    embed(g, tensors, config, ids, zero),
    ids,
    (g, q, k, v) => attention(g, q, k, v, mask),
    linear,
  )
  const shape = g.concat([g.shapeOf(ids, 0, 2), g.constant('i64', [config.dim])], 0)
  const cells = g.slice(g.reshape(x, ['B', 'T', config.dim], shape), 1, -GRID_TOKENS, Infinity, GRID_TOKENS)
  const rows = g.reshape(cells, ['B*256', config.dim])
  const logits = linear(g, rows, 'decoder.output_projection.weight', undefined)
  const { logProbability, rank, entropy } = score(
    g,
    logits,
    g.reshape(tokens, ['B*256']),
    g.input('temperature', 'f32', []),
    { specialsInSoftmax: !isMasked },
  )
  g.output('log_probabilities', logProbability)
  g.output('ranks', rank)
  g.output('entropies', entropy)
  return g.build()
}
