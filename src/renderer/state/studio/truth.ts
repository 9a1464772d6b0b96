// The logits of a cell and the sampling settings -> the candidates of the sampler, and the probability of the sampled token.
import type { CellLogits } from '../../../shared/contract/api.ts'
import type { Sampling } from '../../../shared/run/run.ts'
import { ruleToKept } from '../../../shared/generators/token-rule.ts'
import { logitsToKept, SPECIALS, type Kept } from '../../../shared/run/sampler.ts'

export interface TruthBar {
  readonly token: number
  /** Number of more likely tokens. */
  readonly rank: number
  /** Probability at temperature 1, unfiltered. */
  readonly before: number
  /** Probability under the sampling settings; 0 if top-k or top-p filter it out. */
  readonly after: number
  readonly kept: boolean
}

export interface SamplerTruth {
  /** The most likely tokens, in decreasing order. */
  readonly bars: readonly TruthBar[]
  /** The sampled token, even if not among them. */
  readonly drawn: TruthBar
  /** Natural log of its probability in softmax(logits / temperature), before filtering. */
  readonly logProbability: number
  /** Tokens that remain after filtering, and the vocabulary size. */
  readonly survivors: number
  readonly vocabulary: number
  /** Mass of softmax(logits / temperature) on the remaining tokens. */
  readonly mass: number
  /** Nats, of softmax(logits / temperature) before filtering: as the record of a sample has it. */
  readonly entropy: number
  /** At temperature 1, before filtering. */
  readonly entropyBefore: number
  /** Of the distribution that was drawn from: at the temperature, after top-k or top-p. */
  readonly entropyDrawn: number
}

/** The tokens of a distribution: all at temperature 1, all as heated, and those that may be drawn. */
interface Distributions {
  readonly plain: Kept
  readonly heated: Kept
  readonly kept: Kept
}

function distributionsOf(
  { logits, specials, specialsInSoftmax, rule }: CellLogits,
  sampling: Sampling,
): Distributions {
  if (rule)
    return {
      plain: ruleToKept(logits, {}),
      heated: ruleToKept(logits, { ...rule, topK: 0, topP: 1 }),
      kept: ruleToKept(logits, rule),
    }
  if (specials !== SPECIALS) throw new Error(`logits with ${specials} specials; this page knows ${SPECIALS}`)
  const scores = specialsInSoftmax ? logits : logits.map((logit, id) => (id < specials ? -Infinity : logit))
  return {
    plain: logitsToKept(scores, { temperature: 1, topK: 0, topP: 0 }),
    heated: logitsToKept(scores, { ...sampling, topK: 0, topP: 0 }),
    kept: logitsToKept(scores, sampling),
  }
}

/**
 * `drawn` is a token id, excluding specials; `count` is the number of bars. Without `sampling` by the generator's own rule.
 */
export function logitsToTruth(
  cell: CellLogits,
  sampling: Sampling,
  drawn: number,
  count: number,
): SamplerTruth {
  const { plain, heated, kept } = distributionsOf(cell, sampling)
  const survivors = kept.tokens.length
  const mass = kept.probabilities.reduce((total, p) => total + p, 0)
  const rankOf = new Map(Array.from(heated.tokens, (token, rank) => [token, rank] as const))
  const before = new Map(Array.from(plain.tokens, (token, at) => [token, plain.probabilities[at]!] as const))
  const bar = (rank: number): TruthBar => ({
    token: heated.tokens[rank]!,
    rank,
    before: before.get(heated.tokens[rank]!)!,
    after: rank < survivors ? kept.probabilities[rank]! / mass : 0,
    kept: rank < survivors,
  })
  const rank = rankOf.get(drawn)
  if (rank === undefined) throw new Error(`token ${drawn} is not among ${heated.tokens.length}`)
  return {
    bars: Array.from({ length: Math.min(count, heated.tokens.length) }, (_, at) => bar(at)),
    drawn: bar(rank),
    logProbability: Math.log(heated.probabilities[rank]!),
    survivors,
    vocabulary: heated.tokens.length,
    mass,
    entropy: kept.entropy,
    entropyBefore: plain.entropy,
    entropyDrawn: kept.probabilities.reduce(
      (sum, p) => (p > 0 ? sum - (p / mass) * Math.log(p / mass) : sum),
      0,
    ),
  }
}

/** Ignored where a generator brings its rule. */
const ANY: Sampling = { temperature: 1, topK: 0, topP: 0 }

/**
 * Of a generator of another family: its rule is in the logits. What was drawn is the recorded token, or the mask, which the
 * record has as the last code.
 */
export const drawnTruth = (cell: CellLogits, recorded: number, count: number): SamplerTruth =>
  logitsToTruth(cell, ANY, cell.mask?.isDrawn ? cell.mask.id : recorded, count)
