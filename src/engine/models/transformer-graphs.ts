// The transformer's graphs: one pass over whole sequences, one decoding step, and a chunk of steps in a Loop.
// B, T, P, S, C, H, D as in transformer.ts; V = dictionary; N = steps of a chunk.
import { addDims, GraphBuilder, type Dim, type Graph, type Value } from '../graph/index.ts'
import { draw, samplingInputs } from './sampling.ts'
import type { ModelTensors } from './tensors.ts'
import {
  causalMask,
  checkTransformerTensors,
  denseLinear,
  embed,
  transformerLayers,
  type Attend,
  type Linear,
} from './transformer.ts'
import { SPECIALS, type TransformerConfig } from './transformer-config.ts'

export interface TransformerModel {
  readonly tensors: ModelTensors
  readonly config: TransformerConfig
  /** How weights are multiplied. @default float32 products with the checkpoint's weights */
  readonly linear?: Linear
}

/** softmax(q k^T + mask) v, everything in one piece. */
function attention(g: GraphBuilder, q: Value, k: Value, v: Value, mask: Value | undefined): Value {
  const scores = g.op('MatMul', [q, g.transpose(k, [0, 1, 3, 2])]) // [B, H, T, S]
  const masked = mask ? g.op('Add', [scores, mask]) : scores
  return g.op('MatMul', [g.op('Softmax', [masked], { axis: -1 }), v])
}

/**
 * Whole sequences at once: `ids` i64 [B, T] -> `logits` f32 [B, T, V]. Causal unless the model is NAR.
 */
export function sequenceGraph({ tensors, config, linear = denseLinear(tensors) }: TransformerModel): Graph {
  checkTransformerTensors(tensors, config)
  const g = new GraphBuilder(`${config.kind}_sequence`)
  const ids = g.input('ids', 'i64', ['B', 'T'])
  const zero = g.scalar(0, 'i64')
  const mask = config.kind === 'stage2-nar' ? undefined : causalMask(g, ids, zero)
  const attend: Attend = (g, q, k, v) => attention(g, q, k, v, mask)
  const x = transformerLayers(g, tensors, config, embed(g, tensors, config, ids, zero), ids, attend, linear)
  const V = config.vocabulary + SPECIALS
  const shape = g.concat([g.shapeOf(ids, 0, 2), g.constant('i64', [V])], 0)
  g.output(
    'logits',
    g.reshape(linear(g, x, 'decoder.output_projection.weight', undefined), ['B', 'T', V], shape),
  )
  return g.build()
}

/** Names of the cache tensors, k and v of each layer. */
export const cacheNames = (prefix: string, layers: number): string[] =>
  Array.from({ length: layers }, (_, i) => [`${prefix}_k_${i}`, `${prefix}_v_${i}`]).flat()

/** Logits [B, V] of the last of T positions, from x [B*T, C]. */
function lastLogits(
  g: GraphBuilder,
  { config }: TransformerModel,
  linear: Linear,
  x: Value,
  ids: Value,
): Value {
  const shape = g.concat([g.shapeOf(ids, 0, 2), g.constant('i64', [config.dim])], 0)
  const sequence = g.reshape(x, ['B', 'T', config.dim], shape)
  const last = g.reshape(g.slice(sequence, 1, -1, Infinity, 1), ['B', config.dim])
  return linear(g, last, 'decoder.output_projection.weight', undefined)
}

/**
 * One step: `ids` i64 [B, T] at positions `start`.. with the cache `past_k_i`, `past_v_i` [B, H, P, D]
 * -> `logits` f32 [B, V] of the last position and the longer cache `present_*` [B, H, P+T, D].
 * The reference path: whoever calls it draws the token.
 */
export function stepGraph(model: TransformerModel): Graph {
  const { tensors, config, linear = denseLinear(tensors) } = model
  checkTransformerTensors(tensors, config)
  const g = new GraphBuilder(`${config.kind}_step`)
  const ids = g.input('ids', 'i64', ['B', 'T'])
  const start = g.input('start', 'i64', [])
  const cacheShape: Dim[] = ['B', config.heads, 'P', config.dim / config.heads]
  const past = cacheNames('past', config.layers).map((name) => g.input(name, 'f32', cacheShape))
  const present: Value[] = []
  const mask = { ...causalMask(g, ids, start), shape: ['T', 'P+T'] }
  const attend: Attend = (g, q, k, v, layer) => {
    const keys = g.concat([past[2 * layer]!, k], 2)
    const values = g.concat([past[2 * layer + 1]!, v], 2)
    present.push(keys, values)
    return attention(g, q, keys, values, mask)
  }
  const x = transformerLayers(g, tensors, config, embed(g, tensors, config, ids, start), ids, attend, linear)
  g.output('logits', lastLogits(g, model, linear, x, ids))
  cacheNames('present', config.layers).forEach((name, i) => g.output(name, present[i]!))
  return g.build()
}

/**
 * A chunk of N steps in an ONNX Loop, sampling inside. Inputs: `ids` i64 [B, T] (the first pass may be a whole
 * prefix, later passes take the token just drawn), `start` i64 [], `uniforms` f32 [N, B], the cache `past_*`
 * and the sampling inputs. Outputs: `tokens`, `log_probabilities`, `ranks`, `entropies` [N, B], `present_*`.
 *
 * The cache of earlier chunks is read in place from outside the loop and only the positions of this chunk are
 * carried, so a step copies at most N positions instead of the whole cache.
 */
export function chunkGraph(model: TransformerModel): Graph {
  const { tensors, config, linear = denseLinear(tensors) } = model
  checkTransformerTensors(tensors, config)
  const g = new GraphBuilder(`${config.kind}_chunk`)
  const ids = g.input('ids', 'i64', ['B', 'T'])
  const start = g.input('start', 'i64', [])
  const uniforms = g.input('uniforms', 'f32', ['N', 'B'])
  const sampling = samplingInputs(g)
  const D = config.dim / config.heads
  const past = cacheNames('past', config.layers).map((name) =>
    g.input(name, 'f32', ['B', config.heads, 'P', D]),
  )
  const pastLength = g.shapeOf(past[0]!, 2, 3)

  const empty = g.constant('f32', [], [1, 1, 0, 1])
  const emptyShape = g.concat([g.shapeOf(ids, 0, 1), g.constant('i64', [config.heads, 0, D])], 0)
  const noPositions = g.nodes('Expand', [empty, emptyShape], {}, [
    { type: 'f32', shape: ['B', config.heads, 0, D] },
  ])[0]!
  const carriedShape: Dim[] = ['B', config.heads, 'M', D]
  const zero = g.scalar(0, 'i64')
  const trips = g.reshape(g.shapeOf(uniforms, 0, 1), [])

  const results = g.loop(
    trips,
    [ids, start, zero, ...past.map(() => noPositions)],
    [['B', 'T'], [], [], ...past.map(() => carriedShape)],
    (g, iteration, [ids, start, seen, ...fresh]) => {
      const next: Value[] = []
      const mask = { ...causalMask(g, ids!, seen!), shape: ['T', addDims('M', 'T')] }
      const attend: Attend = (g, q, k, v, layer) => {
        const keys = g.concat([fresh[2 * layer]!, k], 2)
        const values = g.concat([fresh[2 * layer + 1]!, v], 2)
        next.push(keys, values)
        return cachedAttention(g, q, past[2 * layer]!, past[2 * layer + 1]!, keys, values, mask, pastLength)
      }
      const x = transformerLayers(
        g,
        tensors,
        config,
        embed(g, tensors, config, ids!, start!),
        ids!,
        attend,
        linear,
      )
      const uniform = g.op('Gather', [uniforms, iteration], { axis: 0 }) // [B]
      const drawn = draw(g, lastLogits(g, model, linear, x, ids!), uniform, sampling)
      const nextIds = g.reshape(g.op('Add', [drawn.token, g.scalar(SPECIALS, 'i64')]), ['B', 1])
      const length = g.reshape(g.shapeOf(ids!, 1, 2), [])
      return {
        state: [nextIds, g.op('Add', [start!, length]), g.op('Add', [seen!, length]), ...next],
        collect: [drawn.token, drawn.logProbability, drawn.rank, drawn.entropy],
      }
    },
  )
  const fresh = results.slice(3, 3 + past.length)
  const collected = results.slice(3 + past.length)
  ;['tokens', 'log_probabilities', 'ranks', 'entropies'].forEach((name, i) => g.output(name, collected[i]!))
  cacheNames('present', config.layers).forEach((name, i) =>
    g.output(name, g.concat([past[i]!, fresh[i]!], 2)),
  )
  return g.build()
}

/** Attention over two runs of positions, an earlier cache that is only read and the current keys and values. */
function cachedAttention(
  g: GraphBuilder,
  q: Value,
  pastKeys: Value,
  pastValues: Value,
  keys: Value,
  values: Value,
  mask: Value,
  pastLength: Value,
): Value {
  const pastScores = g.op('MatMul', [q, g.transpose(pastKeys, [0, 1, 3, 2])]) // [B, H, T, P]
  const scores = g.op('Add', [g.op('MatMul', [q, g.transpose(keys, [0, 1, 3, 2])]), mask])
  const weights = g.op('Softmax', [g.concat([pastScores, scores], 3)], { axis: -1 }) // [B, H, T, P+M+T]
  const [B, H, T] = q.shape as [Dim, Dim, Dim]
  const axis = g.constant('i64', [3])
  const part = (from: Value, to: Value, size: Dim) =>
    g.nodes('Slice', [weights, from, to, axis], {}, [{ type: 'f32', shape: [B, H, T, size] }])[0]!
  const before = part(g.constant('i64', [0]), pastLength, pastKeys.shape[2]!)
  const after = part(pastLength, g.constant('i64', [2 ** 31 - 1]), keys.shape[2]!)
  return g.op('Add', [g.op('MatMul', [before, pastValues]), g.op('MatMul', [after, values])])
}
