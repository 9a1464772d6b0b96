// The draw of models/sampling.ts with the operators that the WebGPU provider has: float32 throughout, since it counts,
// compares and gathers no int64. Counts and token ids are whole numbers below 2^24, which float32 holds exactly.
// B = batch, V = dictionary with its five specials, K = V - 5 tokens.
import type { Dim, GraphBuilder, Value } from '../graph/index.ts'
import type { Draw, SamplingInputs } from './sampling.ts'
import { SPECIALS } from './transformer-config.ts'

/** Like `draw`, with every part f32 [B, 1]. */
export function drawOnDevice(
  g: GraphBuilder,
  logits: Value,
  uniform: Value,
  { temperature, topK, topP }: SamplingInputs,
  { specialsInSoftmax = true } = {},
): Draw {
  const [B, V] = logits.shape as [Dim, number]
  const scaled = g.op('Div', [logits, temperature])
  const all = logSoftmax(g, specialsInSoftmax ? scaled : g.slice(scaled, 1, SPECIALS, V))
  const tokens = specialsInSoftmax ? g.slice(all, 1, SPECIALS, V) : all // [B, K]
  const [values, order] = g.topK(tokens, topK, 'k') // [B, k] each
  const probability = g.op('Exp', [values])
  const axis = g.scalar(1, 'i64')
  const before = g.op('CumSum', [probability, axis], { exclusive: 1 })
  const kept = g.cast(g.op('Less', [before, topP]), 'f32')
  const lastKept = g.op('Sub', [g.reduceSum(kept, 1), g.scalar(1)]) // [B, 1]
  const cumulative = g.op('CumSum', [g.op('Mul', [probability, kept]), axis])
  const at = (rows: Value, place: Value) => g.op('GatherElements', [rows, g.cast(place, 'i64')], { axis: 1 }) // [B, 1]
  const threshold = g.op('Mul', [g.reshape(uniform, [B, 1]), at(cumulative, lastKept)])
  const passed = g.reduceSum(g.cast(g.op('LessOrEqual', [cumulative, threshold]), 'f32'), 1)
  // Rounding may make the threshold equal to the total; then the last kept token is drawn.
  const rank = g.op('Min', [passed, lastKept])
  const ids = g.constant(
    'f32',
    Float32Array.from({ length: V - SPECIALS }, (_, id) => id),
  )
  const product = g.op('Mul', [g.op('Exp', [all]), all])
  return {
    token: at(g.op('Gather', [ids, order], { axis: 0 }), rank),
    logProbability: at(values, rank),
    rank,
    entropy: g.op('Neg', [g.reduceSum(product, 1)]),
  }
}

/** Rows x [B, V] less the log of the sum of their exponentials. */
function logSoftmax(g: GraphBuilder, x: Value): Value {
  const largest = g.nodes('ReduceMax', [x, g.constant('i64', [1])], { keepdims: 1 }, [
    { type: 'f32', shape: [x.shape[0]!, 1] },
  ])[0]!
  const shifted = g.op('Sub', [x, largest])
  return g.op('Sub', [shifted, g.op('Log', [g.reduceSum(g.op('Exp', [shifted]), 1)])])
}
