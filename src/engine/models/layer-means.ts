// Stage 1 on the tokens of whole images -> the mean of every layer's states over the sequence, for linear probes.
// Source: fairseq_user/models of the DiGIT release, `stlm_linearprobe`.
import type { TransformerConfig } from './transformer-config.ts'
import { GraphBuilder, type Graph, type Value } from '../graph/index.ts'
import { attention } from './attention.ts'
import { denseLinear, type Attend } from './blocks.ts'
import type { TransformerModel } from './transformer-graphs.ts'
import { causalMask, checkTransformerTensors, embed, transformerLayers } from './transformer.ts'

/** `</s>` (or the class) and all tokens. */
export const probePositions = ({ grid }: Pick<TransformerConfig, 'grid'>): number => grid.cells + 1

/**
 * `ids` i64 [B, 257] -> `means` f32 [B, layers + 1, C]: 0 is the embedding sum before the first layer, n the output of
 * layer n, before any final norm.
 */
export function layerMeansGraph({
  tensors,
  config,
  linear = denseLinear(tensors),
  arithmetic,
}: TransformerModel): Graph {
  checkTransformerTensors(tensors, config)
  const T = probePositions(config)
  const g = new GraphBuilder(`${config.kind}_layer_means`, arithmetic)
  const ids = g.input('ids', 'i64', ['B', T])
  const zero = g.scalar(0, 'i64')
  const mask = causalMask(g, ids, zero, T)
  const attend: Attend = (g, q, k, v) => attention(g, q, k, v, mask)
  const first = embed(g, tensors, config, ids, zero)
  const states: Value[] = [first]
  transformerLayers(g, tensors, config, first, ids, attend, linear, (x) => void states.push(x))
  const means = states.map((x) => {
    const sequence = g.reshape(x, ['B', T, config.dim])
    return g.op('Div', [g.reduceSum(sequence, 1), g.scalar(T)]) // [B, 1, C]
  })
  g.output('means', g.concat(means, 1))
  return g.build()
}
