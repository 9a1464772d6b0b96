// Logits -> the tokens that may be drawn, as most published generators have it: the k most likely first, then the smallest
// set with a share p of the rest. DiGIT's own rule, fairseq's, is in shared/run/sampler.ts.
import type { Kept } from '../run/sampler.ts'

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

/** The logits as they are drawn from; the original scales in float32. */
export const scaledLogits = (
  logits: Float32Array,
  { temperature = 1, factor = 1 }: TokenRule,
): Float32Array => {
  if (temperature === 1 && factor === 1) return logits
  const scaled = new Float32Array(logits.length)
  for (let k = 0; k < logits.length; k++) scaled[k] = Math.fround(logits[k]! * factor) / temperature
  return scaled
}

/** Of each entry whether it may be drawn; undefined if all may. */
export function kept(scaled: Float32Array, { topK = 0, topP = 1 }: TokenRule): Uint8Array | undefined {
  const V = scaled.length
  const cutsK = topK > 0 && topK < V
  const cutsP = topP > 0 && topP < 1
  if (!cutsK && !cutsP) return undefined
  const marks = new Uint8Array(V).fill(1)
  if (cutsK) {
    const least = scaled.slice().sort()[V - topK]!
    for (let k = 0; k < V; k++) if (scaled[k]! < least) marks[k] = 0
  }
  if (!cutsP) return marks
  // Only what is left is sorted: of 16,384 codes, often a few hundred.
  const order = idsOf(scaled)
    .filter((k) => marks[k] === 1)
    .sort(byLogit(scaled))
  const largest = scaled[order[0]!]!
  const weights = Float64Array.from(order, (k) => Math.exp(scaled[k]! - largest))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let before = 0
  for (const [i, k] of order.entries()) {
    // The token that crosses p stays.
    if (before / total > topP) marks[k] = 0
    before += weights[i]!
  }
  return marks
}

/** Those tokens in decreasing order, as `logitsToKept` lists them for DiGIT. */
export function ruleToKept(logits: Float32Array, rule: TokenRule): Kept {
  const scaled = scaledLogits(logits, rule)
  const marks = kept(scaled, rule)
  const order = idsOf(scaled).sort(byLogit(scaled))
  const largest = scaled[order[0]!]!
  const weights = Float64Array.from(scaled, (value) => Math.exp(value - largest))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const entropy = weights.reduce(
    (sum, weight) => (weight > 0 ? sum - (weight / total) * Math.log(weight / total) : sum),
    0,
  )
  const tokens = marks ? order.filter((k) => marks[k] === 1) : order
  return { tokens, probabilities: Float64Array.from(tokens, (k) => weights[k]! / total), entropy }
}

const idsOf = (scaled: Float32Array): Int32Array => new Int32Array(scaled.length).map((_, k) => k)

/** Decreasing logits, ties by id. */
const byLogit = (scaled: Float32Array) => (a: number, b: number) => scaled[b]! - scaled[a]! || a - b
