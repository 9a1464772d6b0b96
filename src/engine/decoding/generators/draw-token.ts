// Logits -> one token, as most published generators draw it: the k most likely first, then the smallest set with a share
// p of the rest, in float64. DiGIT's own rule, fairseq's, is in models/sampling.ts.

export interface TokenRule {
  /** Divides the logits. @default 1 */
  readonly temperature?: number
  /** Multiplies the logits. @default 1 */
  readonly factor?: number
  /** 0 keeps all. Entries equal to the k-th largest stay. @default 0 */
  readonly topK?: number
  /** 0 and 1 keep all. @default 1 */
  readonly topP?: number
}

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
  const { temperature = 1, factor = 1 } = rule
  const V = logits.length
  // The original scales in float32.
  const scaled = Float32Array.from(logits, (logit) => Math.fround(logit * factor) / temperature)
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

/** The least logit that may be drawn... of each entry whether it is kept; undefined if all are. */
export function kept(scaled: Float32Array, { topK = 0, topP = 1 }: TokenRule): Uint8Array | undefined {
  const V = scaled.length
  const cutsK = topK > 0 && topK < V
  const cutsP = topP > 0 && topP < 1
  if (!cutsK && !cutsP) return undefined
  const marks = new Uint8Array(V).fill(1)
  if (cutsK) {
    const least = Float32Array.from(scaled).sort()[V - topK]!
    for (let k = 0; k < V; k++) if (scaled[k]! < least) marks[k] = 0
  }
  if (!cutsP) return marks
  const order = Array.from(marks.keys())
    .filter((k) => marks[k] === 1)
    .sort((a, b) => scaled[b]! - scaled[a]! || a - b)
  const largest = scaled[order[0]!]!
  const weights = order.map((k) => Math.exp(scaled[k]! - largest))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let before = 0
  for (const [i, k] of order.entries()) {
    // The token that crosses p stays.
    if (before / total > topP) marks[k] = 0
    before += weights[i]!
  }
  return marks
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
