// One network on two devices, or sampled in two ways -> the difference of the results.
import type { Parity, SelfTestReport } from '../../../shared/models/self-test.ts'
import { graphToOnnx } from '../../graph/index.ts'
import { sequenceGraph, type TransformerModel } from '../../models/transformer-graphs.ts'
import { SPECIALS } from '../../models/transformer-config.ts'
import { openSession, tensor, type Provider } from '../../session/index.ts'
import type { DrawnGrid } from '../../tokens/grid.ts'
import type { Decoder, Sequence } from '../../decoding/autoregressive.ts'

/** Tokens that are compared. */
const LENGTH = 8
const REFERENCE_LENGTH = 32
/** Always the most likely token. */
const GREEDY = { temperature: 1, topK: 1, topP: 0 }
const SAMPLED = { temperature: 1, topK: 200, topP: 0 }

/** The result of one device: its most likely tokens, and the logits for each of the given tokens. */
export interface Made {
  readonly tokens: Int32Array
  /** [LENGTH, V] */
  readonly logits: Float32Array
}

/** `tokens` are those whose logits are compared. @default the tokens drawn here */
export async function make(
  model: TransformerModel,
  decoder: Decoder,
  sequence: Sequence,
  signal: AbortSignal,
  tokens?: Int32Array,
): Promise<Made> {
  const [grid] = await decoder.decode([sequence], { sampling: GREEDY, length: LENGTH, signal })
  const drawn = grid!.tokens
  return { tokens: drawn, logits: await logitsOf(model, decoder.provider, sequence, tokens ?? drawn) }
}

/** Logits [LENGTH, V] for the given tokens, from one pass over the whole sequence. */
async function logitsOf(
  model: TransformerModel,
  provider: Provider,
  { prefix }: Sequence,
  tokens: Int32Array,
): Promise<Float32Array> {
  const session = await openSession(graphToOnnx(sequenceGraph(model)), { provider, prepack: false })
  try {
    const ids = [...prefix, ...Array.from(tokens, (token) => token + SPECIALS)].slice(0, -1)
    const { logits } = await session.run({ ids: tensor('i64', ids, [1, ids.length]) })
    const V = model.config.vocabulary + SPECIALS
    return (logits!.data as Float32Array).slice((prefix.length - 1) * V)
  } finally {
    await session.close()
  }
}

export function parityOf(here: Made, processor: Made): Parity {
  let [difference, largest] = [0, 0]
  processor.logits.forEach((expected, i) => {
    difference = Math.max(difference, Math.abs(here.logits[i]! - expected))
    largest = Math.max(largest, Math.abs(expected))
  })
  return { ...equalTokens(here, processor), difference, largest }
}

/** Compares draws inside the graph with the same draws in float64 outside. */
export async function compareSampling(
  decoder: Decoder,
  reference: Decoder,
  sequence: Sequence,
  signal: AbortSignal,
): Promise<NonNullable<SelfTestReport['reference']>> {
  const options = { sampling: SAMPLED, length: REFERENCE_LENGTH, signal }
  const [inside] = await decoder.decode([sequence], options)
  const [outside] = await reference.decode([sequence], options)
  const same = equalTokens(inside!, outside!)
  // After the first difference the sequences differ.
  const difference = inside!.logProbabilities
    .slice(0, same.equal)
    .reduce((most, value, i) => Math.max(most, Math.abs(value - outside!.logProbabilities[i]!)), 0)
  return { ...same, difference }
}

/** Number of equal tokens at the start, and of all tokens. */
function equalTokens(a: Pick<DrawnGrid, 'tokens'>, b: Pick<DrawnGrid, 'tokens'>) {
  const other = a.tokens.findIndex((token, i) => token !== b.tokens[i])
  return { equal: other < 0 ? a.tokens.length : other, of: a.tokens.length }
}

export const largestDifference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
