// The logits of a cell and the sampling rule -> what the sampler chose among, and how likely what it drew was.
import type { CellLogits } from '../../../shared/contract/api.ts'
import type { Sampling } from '../../../shared/run/run.ts'
import { logitsToKept, SPECIALS } from '../../../shared/run/sampler.ts'

export interface TruthBar {
  readonly token: number
  /** How many tokens are more likely. */
  readonly rank: number
  /** Probability at temperature 1, nothing cut off. */
  readonly before: number
  /** Probability with which the draw takes it; 0 where temperature, top-k or top-p leave it out. */
  readonly after: number
  readonly kept: boolean
}

export interface SamplerTruth {
  /** The likeliest, falling. */
  readonly bars: readonly TruthBar[]
  /** The token that was drawn, also where it is not among them. */
  readonly drawn: TruthBar
  /** Natural log of its probability in softmax(logits / temperature), before anything is cut off. */
  readonly logProbability: number
  /** Tokens that the draw chooses among, of how many. */
  readonly survivors: number
  readonly vocabulary: number
  /** Share of softmax(logits / temperature) that the survivors hold. */
  readonly mass: number
  /** Nats, of softmax(logits / temperature) and at temperature 1. */
  readonly entropy: number
  readonly entropyBefore: number
}

/** `drawn` is a token id, specials not counted; `count` how many bars. */
export function logitsToTruth(
  { logits, specials, specialsInSoftmax }: CellLogits,
  sampling: Sampling,
  drawn: number,
  count: number,
): SamplerTruth {
  if (specials !== SPECIALS) throw new Error(`logits with ${specials} specials; this page knows ${SPECIALS}`)
  const scores = specialsInSoftmax ? logits : logits.map((logit, id) => (id < specials ? -Infinity : logit))
  const plain = logitsToKept(scores, { temperature: 1, topK: 0, topP: 0 })
  const heated = logitsToKept(scores, { ...sampling, topK: 0, topP: 0 })
  const kept = logitsToKept(scores, sampling)
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
  }
}
