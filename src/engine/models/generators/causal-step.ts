// The graphs of a causal generator: ids -> logits, with a cache in two runs of positions or in one, or without.
// R = rows, T = positions in this pass, P = earlier positions, M = fresh ones, C = dim.
import { addDims, GraphBuilder, type Graph, type Value } from '../../graph/index.ts'
import { attention, cacheInputs, cachedAttention, cacheNames, type CacheSizes } from '../attention.ts'
import type { Attend, Pass } from '../blocks.ts'
import { causalMask } from '../transformer.ts'
import type { CausalNetwork } from './generator.ts'

/** What a family adds to the step. */
export interface StepParts {
  readonly name: string
  readonly cache: CacheSizes
  /** The positions of this pass, i64 [T], with which tables are read. */
  body(g: GraphBuilder, ids: Value, positions: Value, pass: Pick<Pass, 'B' | 'T' | 'shape' | 'attend'>): Value
  /** `last` takes the rows of the last position [R, C] from all rows [R*T, C]; -> logits [R, V]. */
  head(g: GraphBuilder, x: Value, last: (rows: Value) => Value): Value
}

/**
 * The graph that `CausalNetwork.step` describes. The past is only read and the fresh positions are copied, so that a
 * step does not copy the whole cache; the caller joins them (`joinGraph`).
 */
function causalStep({ name, cache, body, head }: StepParts): Graph {
  const g = new GraphBuilder(`${name}_step`)
  const ids = g.input('ids', 'i64', ['B', 'T'])
  const start = g.input('start', 'i64', [])
  const past = cacheInputs(g, cache, 'past', 'P')
  const fresh = cacheInputs(g, cache, 'fresh', 'M')
  const pastLength = g.shapeOf(past[0]!, 2, 3)
  const seen = g.reshape(g.shapeOf(fresh[0]!, 2, 3), [])
  const mask = causalMask(g, ids, seen, addDims('M', 'T'))
  const next: Value[] = []
  const attend: Attend = (g, q, k, v, layer) => {
    const keys = g.concat([fresh[2 * layer]!, k], 2)
    const values = g.concat([fresh[2 * layer + 1]!, v], 2)
    next.push(keys, values)
    return cachedAttention(g, q, past[2 * layer]!, past[2 * layer + 1]!, keys, values, mask, pastLength)
  }
  g.output('logits', lastLogits(g, { cache, body, head }, ids, start, attend))
  cacheNames('fresh', cache.layers).forEach((name, i) => g.output(`${name}_out`, next[i]!))
  return g.build()
}

/** What `CausalNetwork.plainStep` describes. */
function plainStep({ name, cache, body, head }: StepParts): Graph {
  const g = new GraphBuilder(`${name}_step`)
  const ids = g.input('ids', 'i64', ['B', 'T'])
  const start = g.input('start', 'i64', [])
  const past = cacheInputs(g, cache, 'past', 'P')
  const mask = causalMask(g, ids, start, addDims('P', 'T'))
  const present: Value[] = []
  const attend: Attend = (g, q, k, v, layer) => {
    const keys = g.concat([past[2 * layer]!, k], 2)
    const values = g.concat([past[2 * layer + 1]!, v], 2)
    present.push(keys, values)
    return attention(g, q, keys, values, mask)
  }
  g.output('logits', lastLogits(g, { cache, body, head }, ids, start, attend))
  cacheNames('present', cache.layers).forEach((name, i) => g.output(name, present[i]!))
  return g.build()
}

/** What `CausalNetwork.pass` describes. */
function causalPass({ name, body, head }: StepParts): Graph {
  const g = new GraphBuilder(`${name}_pass`)
  const ids = g.input('ids', 'i64', ['B', 'T'])
  const zero = g.scalar(0, 'i64')
  const mask = causalMask(g, ids, zero, 'T')
  const attend: Attend = (g, q, k, v) => attention(g, q, k, v, mask)
  const shape = g.shapeOf(ids, 0, 2)
  const x = body(g, ids, positionsFrom(g, ids, zero), { B: 'B', T: 'T', shape, attend })
  const logits = head(g, x, (rows) => rows) // [R*T, V]
  const V = logits.shape[1] as number
  g.output('logits', g.reshape(logits, ['B', 'T', V], g.concat([shape, g.constant('i64', [V])], 0)))
  return g.build()
}

/** The graphs of a family; every graph has `parts` of its own. */
export const causalGraphs = (parts: () => StepParts): Pick<CausalNetwork, 'step' | 'pass' | 'plainStep'> => ({
  step: () => causalStep(parts()),
  pass: () => causalPass(parts()),
  plainStep: () => plainStep(parts()),
})

/** Logits [R, V] of the last position. */
function lastLogits(
  g: GraphBuilder,
  { cache, body, head }: Omit<StepParts, 'name'>,
  ids: Value,
  start: Value,
  attend: Attend,
): Value {
  const shape = g.shapeOf(ids, 0, 2)
  const x = body(g, ids, positionsFrom(g, ids, start), { B: 'B', T: 'T', shape, attend }) // [R*T, C]
  const whole = g.concat([shape, g.constant('i64', [cache.dim])], 0)
  const last = (rows: Value) =>
    g.reshape(g.slice(g.reshape(rows, ['B', 'T', cache.dim], whole), 1, -1, Infinity, 1), ['B', cache.dim])
  return head(g, x, last)
}

/** The positions of ids [R, T] from `start` on: i64 [T]. */
function positionsFrom(g: GraphBuilder, ids: Value, start: Value): Value {
  const length = g.reshape(g.shapeOf(ids, 1, 2), [])
  return g.nodes('Range', [start, g.op('Add', [start, length]), g.scalar(1, 'i64')], {}, [
    { type: 'i64', shape: ['T'] },
  ])[0]!
}
