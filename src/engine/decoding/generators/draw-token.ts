// Logits -> one token by the rule of most published generators, in float64. DiGIT's own rule, fairseq's, is in
// models/sampling.ts.
import { kept, scaledLogits, type TokenRule } from '../../../shared/generators/token-rule.ts'

/** A token, and what is recorded of it: of softmax of the scaled logits, before top-k and top-p. */
export interface DrawnOf {
  readonly token: number
  /** Natural log of its probability. */
  readonly logProbability: number
  /** Number of more likely tokens. */
  readonly rank: number
  /** In nats. Not finite if a logit is not. */
  readonly entropy: number
}

/**
 * Draws from logits [V] by inverting the cumulative distribution in the order of ids: the first token whose share of the
 * kept probability exceeds `uniform` in [0, 1). With `pinned` at 0 or above, that token is recorded instead.
 */
export function drawToken(logits: Float32Array, rule: TokenRule, uniform: number, pinned = -1): DrawnOf {
  const V = logits.length
  const scaled = scaledLogits(logits, rule)
  let largest = -Infinity
  for (let k = 0; k < V; k++) largest = Math.max(largest, scaled[k]!)
  const weights = new Float64Array(V)
  let total = 0
  let moment = 0
  for (let k = 0; k < V; k++) {
    const difference = scaled[k]! - largest
    const weight = (weights[k] = Math.exp(difference))
    total += weight
    if (weight > 0) moment += weight * difference
  }
  const token = pinned >= 0 ? pinned : tokenAt(kept(scaled, rule), weights, uniform)
  let rank = 0
  for (let k = 0; k < V; k++) if (scaled[k]! > scaled[token]!) rank++
  return {
    token,
    logProbability: scaled[token]! - largest - Math.log(total),
    rank,
    entropy: Math.log(total) - moment / total,
  }
}

function tokenAt(marks: Uint8Array | undefined, weights: Float64Array, uniform: number): number {
  let total = 0
  for (let k = 0; k < weights.length; k++) if (!marks || marks[k] === 1) total += weights[k]!
  let sum = 0
  let last = 0
  for (let k = 0; k < weights.length; k++) {
    if (marks && marks[k] === 0) continue
    sum += weights[k]!
    if (sum / total > uniform) return k
    last = k
  }
  return last
}
