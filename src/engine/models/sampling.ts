// Logits -> one sampled token per row, inside the graph, as in fairseq's `Sampling` search. Source: fairseq/search.py,
// class Sampling; DiGIT draws with top-k in stage 1 and top-p in stage 2. B = batch, V = dictionary with its five
// specials, K = V - 5 tokens.
import type { Dim, GraphBuilder, Value } from '../graph/index.ts'
import { SPECIALS } from './transformer-config.ts'

/** Of float32, relative to a sum: one of either of two sums, and as much to spare. */
const ROUNDINGS = 2 ** -22

/** The settings of a draw. All are inputs of the graph, so one session serves every setting. */
export interface SamplingInputs {
  /** f32 []: divides the logits. */
  readonly temperature: Value
  /** i64 [1]: number of most likely tokens kept; K keeps all. */
  readonly topK: Value
  /**
   * f32 []: tokens are kept until their cumulative probability reaches it, including the one that crosses it; 2 keeps
   * all.
   */
  readonly topP: Value
}

/** The record of a draw, each of shape [B]. */
export interface Draw {
  /** i64: token id, not counting specials. */
  readonly token: Value
  /** f32: natural log of the token's probability before top-k or top-p, as in fairseq's scores. */
  readonly logProbability: Value
  /** i64: how many tokens were more likely. */
  readonly rank: Value
  /** f32: entropy of softmax(logits / temperature) in nats, before top-k or top-p. */
  readonly entropy: Value
}

export function samplingInputs(g: GraphBuilder): SamplingInputs {
  return {
    temperature: g.input('temperature', 'f32', []),
    topK: g.input('top_k', 'i64', [1]),
    topP: g.input('top_p', 'f32', []),
  }
}

/**
 * Draws by inverting the cumulative distribution at `uniform` [B] in [0, 1): of the tokens in order of decreasing
 * probability, ties by id, the first whose cumulative share exceeds the uniform is drawn. fairseq excludes the specials
 * after the softmax, the NAR decoder before it (`specialsInSoftmax` false). With `sortsCandidates` only the tokens that
 * top-p may keep are sorted, which is for a processor: a card would wait until their number has crossed its bus.
 */
export function draw(
  g: GraphBuilder,
  logits: Value,
  uniform: Value,
  inputs: SamplingInputs,
  { specialsInSoftmax = true, sortsCandidates = false } = {},
): Draw {
  const [B] = logits.shape as [Dim, number]
  const { all, tokens } = logProbabilities(g, logits, inputs.temperature, specialsInSoftmax)
  const sorted = sortsCandidates ? candidates(g, tokens, inputs) : inputs.topK
  const [values, order] = g.topK(tokens, sorted, 'k') // [B, k] each
  const probability = g.op('Exp', [values])
  const axis = g.scalar(1, 'i64')
  const before = g.op('CumSum', [probability, axis], { exclusive: 1 })
  const kept = g.op('Less', [before, inputs.topP])
  const keptCount = g.reduceSum(g.cast(kept, 'i64'), 1) // [B, 1]
  const cumulative = g.op('CumSum', [g.op('Mul', [probability, g.cast(kept, 'f32')]), axis])
  const total = g.op('GatherElements', [cumulative, g.op('Sub', [keptCount, g.scalar(1, 'i64')])], {
    axis: 1,
  })
  const threshold = g.op('Mul', [g.reshape(uniform, [B, 1]), total])
  const passed = g.reduceSum(g.cast(g.op('LessOrEqual', [cumulative, threshold]), 'i64'), 1)
  // Rounding may make the threshold equal to the total; then the last kept token is drawn.
  const rank = g.op('Min', [passed, g.op('Sub', [keptCount, g.scalar(1, 'i64')])]) // [B, 1]
  const flat = (x: Value) => g.reshape(x, [B])
  return {
    token: flat(g.op('GatherElements', [order, rank], { axis: 1 })),
    logProbability: flat(g.op('GatherElements', [values, rank], { axis: 1 })),
    rank: flat(rank),
    entropy: flat(entropy(g, all)),
  }
}

/**
 * How many of the most likely tokens [B, K] to sort, i64 [1]: top-k's number, or fewer where top-p can keep fewer in
 * every row. What top-p keeps is at least (S - P) / K likely, if the tokens of the row sum to S: were it less likely, it
 * and all after it would sum to less than S - P, and those before it to more than P. The draw is the same to the last
 * bit, and seldom needs a tenth of the tokens.
 */
export function candidates(g: GraphBuilder, tokens: Value, { topK, topP }: SamplingInputs): Value {
  const K = tokens.shape[1] as number
  const probability = g.op('Exp', [tokens])
  // Sums of K numbers of float32 are known to K roundings each.
  const atMost = g.op('Add', [topP, g.scalar(K * ROUNDINGS)])
  const least = g.op('Div', [g.op('Sub', [g.reduceSum(probability, 1), atMost]), g.scalar(K)]) // [B, 1]
  const less = g.reduceSum(g.cast(g.op('Less', [probability, least]), 'f32'), 1)
  const enough = g.op('Sub', [g.scalar(K), less])
  const [most] = g.nodes('ReduceMax', [enough, g.constant('i64', [0, 1])], { keepdims: 0 }, [
    { type: 'f32', shape: [] },
  ])
  return g.op('Min', [topK, g.cast(g.reshape(most!, [1]), 'i64')])
}

/**
 * The record of tokens that were not drawn, `token` i64 [B]: the same numbers as for a draw, from logits [B, V].
 * Equally likely tokens do not count as more likely.
 */
export function score(
  g: GraphBuilder,
  logits: Value,
  token: Value,
  temperature: Value,
  { specialsInSoftmax = true } = {},
): Omit<Draw, 'token'> {
  const [B] = logits.shape as [Dim, number]
  const { all, tokens } = logProbabilities(g, logits, temperature, specialsInSoftmax)
  const own = g.op('GatherElements', [tokens, g.reshape(token, [B, 1])], { axis: 1 }) // [B, 1]
  const flat = (x: Value) => g.reshape(x, [B])
  return {
    logProbability: flat(own),
    rank: flat(g.reduceSum(g.cast(g.op('Less', [own, tokens]), 'i64'), 1)),
    entropy: flat(entropy(g, all)),
  }
}

/** log softmax(logits / temperature): `all` entries of the softmax, and those of `tokens` [B, K] among them. */
function logProbabilities(
  g: GraphBuilder,
  logits: Value,
  temperature: Value,
  specialsInSoftmax: boolean,
): { all: Value; tokens: Value } {
  const V = logits.shape[1] as number
  const scaled = g.op('Div', [logits, temperature])
  const all = g.op('LogSoftmax', [specialsInSoftmax ? scaled : g.slice(scaled, 1, SPECIALS, V)], { axis: -1 })
  return { all, tokens: specialsInSoftmax ? g.slice(all, 1, SPECIALS, V) : all }
}

/** Entropy in nats of rows of log-probabilities [B, V] -> [B, 1, 1]. */
function entropy(g: GraphBuilder, logProbabilities: Value): Value {
  const [B, V] = logProbabilities.shape as [Dim, number]
  // A product of a row and a column sums in the same order for every row of a batch, which ReduceSum does not.
  const row = g.reshape(g.op('Exp', [logProbabilities]), [B, 1, V])
  const column = g.reshape(logProbabilities, [B, V, 1])
  return g.op('Neg', [g.op('MatMul', [row, column])])
}
