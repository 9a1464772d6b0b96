// Logits -> kept probabilities -> a token, in float64: the plain reference for sampling inside the graph.
// Source: fairseq/search.py, class Sampling (top-p when above 0, else top-k, never both).
import { RequestError } from '../errors.ts'
import type { Sampling } from './run.ts'

/** fairseq's `<s> <pad> </s> <unk> <n>`, never sampled while the grid is being filled. */
export const SPECIALS = 5

export interface Kept {
  /** Token ids (without specials) by decreasing probability, ties by id. */
  readonly tokens: Int32Array
  /** Their probabilities in softmax(logits / temperature) over the whole dictionary; not renormalised. */
  readonly probabilities: Float64Array
  /** Entropy in nats of softmax(logits / temperature), before truncation. */
  readonly entropy: number
}

/** The tokens to sample from. `logits` covers the dictionary including specials: [V]. */
export function logitsToKept(logits: ArrayLike<number>, { temperature, topK, topP }: Sampling): Kept {
  const V = logits.length
  if (V <= SPECIALS) throw new RequestError(`${V} logits leave no tokens besides ${SPECIALS} special symbols`)
  let largest = -Infinity
  for (let i = 0; i < V; i++) largest = Math.max(largest, logits[i]!)
  const probability = new Float64Array(V)
  let total = 0
  for (let i = 0; i < V; i++) total += probability[i] = Math.exp((logits[i]! - largest) / temperature)
  let entropy = 0
  for (let i = 0; i < V; i++) {
    const p = (probability[i]! /= total)
    if (p > 0) entropy -= p * Math.log(p)
  }
  const order = Int32Array.from({ length: V - SPECIALS }, (_, token) => token)
  order.sort((a, b) => probability[b + SPECIALS]! - probability[a + SPECIALS]! || a - b)

  let count = topK > 0 ? Math.min(topK, order.length) : order.length
  if (topP > 0) {
    let cumulative = 0
    count = 0
    while (count < order.length && cumulative < topP) cumulative += probability[order[count++]! + SPECIALS]!
  }
  const tokens = order.slice(0, count)
  return {
    tokens,
    probabilities: Float64Array.from(tokens, (token) => probability[token + SPECIALS]!),
    entropy,
  }
}

export interface DrawnToken {
  readonly token: number
  /** Natural log of its probability in softmax(logits / temperature). */
  readonly logProbability: number
  /** Number of more likely tokens. */
  readonly rank: number
  readonly entropy: number
  /**
   * Relative distance of the uniform to the nearest boundary between tokens: below rounding error, devices
   * may differ.
   */
  readonly margin: number
}

/** Samples by inverting the cumulative distribution at `uniform` in [0, 1). */
export function keptToToken({ tokens, probabilities, entropy }: Kept, uniform: number): DrawnToken {
  const total = probabilities.reduce((sum, p) => sum + p, 0)
  let rank = 0
  let cumulative = probabilities[0]!
  while (rank < tokens.length - 1 && cumulative <= uniform * total) cumulative += probabilities[++rank]!
  const below = rank === 0 ? Infinity : uniform - (cumulative - probabilities[rank]!) / total
  const above = rank === tokens.length - 1 ? Infinity : cumulative / total - uniform
  return {
    token: tokens[rank]!,
    logProbability: Math.log(probabilities[rank]!),
    rank,
    entropy,
    margin: Math.min(below, above),
  }
}
