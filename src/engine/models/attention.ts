// Attention over the positions of a pass, and over a cache of earlier ones.
// B = batch, T = positions in this pass, P = positions in the cache, S = P + T, M = fresh positions, H = heads,
// D = width of a head.
import { GraphBuilder, type Arithmetic, type Dim, type Graph, type Value } from '../graph/index.ts'

/** softmax(q k^T + mask): [B, H, T, S]. */
export function attentionWeights(g: GraphBuilder, q: Value, k: Value, mask: Value | undefined): Value {
  const scores = g.op('MatMul', [q, g.transpose(k, [0, 1, 3, 2])])
  const masked = mask ? g.op('Add', [scores, mask]) : scores
  return g.op('Softmax', [masked], { axis: -1 })
}

/** softmax(q k^T + mask) v in one piece. */
export const attention = (g: GraphBuilder, q: Value, k: Value, v: Value, mask: Value | undefined): Value =>
  g.op('MatMul', [attentionWeights(g, q, k, mask), v])

/** Sizes of the cache of a model. */
export interface CacheSizes {
  readonly layers: number
  readonly heads: number
  /** heads D */
  readonly dim: number
}

/** Names of the cache tensors, k and v of each layer. */
export const cacheNames = (prefix: string, layers: number): string[] =>
  Array.from({ length: layers }, (_, i) => [`${prefix}_k_${i}`, `${prefix}_v_${i}`]).flat()

/** `past_*` [B, H, P, D] and `fresh_*` [B, H, M, D] -> `joined_*` [B, H, P+M, D]. */
export function joinGraph(config: CacheSizes, arithmetic?: Arithmetic): Graph {
  const g = new GraphBuilder('join_cache', arithmetic)
  const past = cacheInputs(g, config, 'past', 'P')
  const fresh = cacheInputs(g, config, 'fresh', 'M')
  cacheNames('joined', config.layers).forEach((name, i) =>
    g.output(name, g.concat([past[i]!, fresh[i]!], 2), g.real),
  )
  return g.build()
}

export const cacheInputs = (
  g: GraphBuilder,
  { layers, heads, dim }: CacheSizes,
  prefix: string,
  length: Dim,
): Value[] =>
  cacheNames(prefix, layers).map((name) => g.input(name, g.real, ['B', heads, length, dim / heads]))

/**
 * Attention over two runs of positions: an earlier cache that is only read, and the current keys and values, all of which
 * are seen unless a mask says otherwise.
 */
export function cachedAttention(
  g: GraphBuilder,
  q: Value,
  pastKeys: Value,
  pastValues: Value,
  keys: Value,
  values: Value,
  mask: Value | undefined,
  pastLength: Value,
): Value {
  const pastScores = g.op('MatMul', [q, g.transpose(pastKeys, [0, 1, 3, 2])]) // [B, H, T, P]
  const own = g.op('MatMul', [q, g.transpose(keys, [0, 1, 3, 2])])
  const scores = mask ? g.op('Add', [own, mask]) : own
  const weights = g.op('Softmax', [g.concat([pastScores, scores], 3)], { axis: -1 }) // [B, H, T, P+M+T]
  const [B, H, T] = q.shape as [Dim, Dim, Dim]
  const axis = g.constant('i64', [3])
  const part = (from: Value, to: Value, size: Dim) =>
    g.nodes('Slice', [weights, from, to, axis], {}, [{ type: 'f32', shape: [B, H, T, size] }])[0]!
  const before = part(g.constant('i64', [0]), pastLength, pastKeys.shape[2]!)
  const after = part(pastLength, g.constant('i64', [2 ** 31 - 1]), keys.shape[2]!)
  return g.op('Add', [g.op('MatMul', [before, pastValues]), g.op('MatMul', [after, values])])
}
