// 8-bit and 4-bit weights -> their size, speed, and agreement with float32 on the chosen token.
import { DIGIT_GRID } from '../../src/shared/grid/layout.ts'
import { graphToOnnx } from '../../src/engine/graph/index.ts'
import { EOS, SPECIALS } from '../../src/engine/models/transformer-config.ts'
import { sequenceGraph, type TransformerModel } from '../../src/engine/models/transformer-graphs.ts'
import { openChunkDecoder, type Decoder } from '../../src/engine/decoding/autoregressive.ts'
import type { OpenTransformer } from '../../src/engine/model-set/open-models.ts'
import { eightBits } from '../../src/engine/decoding/eight-bits.ts'
import { quantisedLinear } from '../../src/engine/model-set/quantise.ts'
import { openSession, tensor } from '../../src/engine/session/index.ts'
import { weightBytes, type DecodePlan } from './decode.ts'
import { sequences, STAGE1_SAMPLING } from './sequences.ts'
import { digits, megabytes, percent, type Row } from './table.ts'
import { inTurn, median, timed } from './timing.ts'

const BITS = [8, 4] as const
const GRIDS = 4

/** Speed compared with float32, measured in turn. */
export async function measureQuantised(
  model: OpenTransformer,
  { rounds, tokens }: DecodePlan,
): Promise<Row[]> {
  const rows: Row[] = []
  const variants: { name: string; model: TransformerModel }[] = [{ name: 'float32', model }]
  for (const bits of BITS) {
    const eight = await eightBits('cpu')
    const { result: linear, ms } = await timed(() => quantisedLinear(model, bits, eight))
    variants.push({ name: `${bits} bits`, model: { ...model, linear } })
    rows.push({
      name: `${bits} bits, made once`,
      text: `${digits(ms / 1000)} s, ${megabytes(weightBytes({ ...model, linear }))} a step`,
      numbers: { ms, bytes: weightBytes({ ...model, linear }) },
    })
  }
  const opened: { name: string; decoder: Decoder; bytes: number }[] = []
  for (const { name, model } of variants) {
    const decoder = await openChunkDecoder(model, { provider: 'cpu' })
    opened.push({ name, decoder, bytes: weightBytes(model) })
  }
  for (const batch of [1, 16]) {
    const decode = (length: number) =>
      opened.map(
        ({ decoder }) =>
          () =>
            decoder.decode(sequences(batch), { sampling: STAGE1_SAMPLING, length }),
      )
    await inTurn(decode(2), 1)
    const medians = (await inTurn(decode(tokens), rounds[batch]!)).map(median)
    for (const [i, { name, bytes }] of opened.entries()) {
      const step = medians[i]! / tokens
      const rate = (batch * 1000) / step
      const gain = medians[0]! / medians[i]!
      rows.push({
        name: `${name}, batch ${batch}`,
        text: `${digits(step)} ms/step, ${digits(rate)} tokens/s, ${digits(bytes / 1e6 / step)} GB/s, ${digits(gain)} x float32`,
        numbers: { step, rate, gain },
      })
    }
  }
  for (const { decoder } of opened) await decoder.close()
  return rows
}

/** Agreement with float32, position by position, on grids sampled with float32. */
export async function measureAgreement(name: string, model: OpenTransformer): Promise<Row[]> {
  const decoder = await openChunkDecoder(model, { provider: 'cpu' })
  const grids = await decoder.decode(sequences(GRIDS), { sampling: STAGE1_SAMPLING })
  await decoder.close()
  const ids = grids.flatMap(({ tokens }) => [
    EOS,
    ...Array.from(tokens.slice(0, -1), (token) => token + SPECIALS),
  ])
  const drawn = grids.flatMap(({ tokens }) => [...tokens])
  const expected = await logProbabilities(model, ids)
  const rows: Row[] = []
  for (const bits of BITS) {
    const linear = await quantisedLinear(model, bits, await eightBits('cpu'))
    const found = await logProbabilities({ ...model, linear }, ids)
    const { agreement, difference, divergence } = compare(expected, found, drawn)
    rows.push({
      name: `${bits} bits, ${name}`,
      text: `most likely token agrees at ${percent(agreement)} of ${drawn.length} positions, mean |Δ log p| of drawn tokens ${digits(difference)}, KL ${digits(divergence)} nats`,
      numbers: { agreement, difference, divergence },
    })
  }
  return rows
}

/** log p over the tokens, [positions, K], of whole grids at once. */
async function logProbabilities(model: TransformerModel, ids: readonly number[]): Promise<Float32Array[]> {
  const session = await openSession(graphToOnnx(sequenceGraph(model)), { provider: 'cpu' })
  try {
    const { logits } = await session.run({
      ids: tensor('i64', ids, [ids.length / DIGIT_GRID.cells, DIGIT_GRID.cells]),
    })
    const V = model.config.vocabulary + SPECIALS
    return ids.map((_, i) => logSoftmax((logits!.data as Float32Array).slice(i * V + SPECIALS, (i + 1) * V)))
  } finally {
    await session.close()
  }
}

/** Each value minus the log of the sum of all exponentials. */
function logSoftmax(values: Float32Array): Float32Array {
  const max = values.reduce((a, b) => Math.max(a, b))
  const logSum = max + Math.log(values.reduce((sum, value) => sum + Math.exp(value - max), 0))
  return values.map((value) => value - logSum)
}

function compare(
  expected: readonly Float32Array[],
  found: readonly Float32Array[],
  drawn: readonly number[],
) {
  const mean = (of: (position: number) => number) =>
    drawn.reduce((sum, _, position) => sum + of(position), 0) / drawn.length
  return {
    agreement: mean((i) => (likeliest(expected[i]!) === likeliest(found[i]!) ? 1 : 0)),
    difference: mean((i) => Math.abs(expected[i]![drawn[i]!]! - found[i]![drawn[i]!]!)),
    divergence: mean((i) =>
      expected[i]!.reduce((sum, log, k) => sum + Math.exp(log) * (log - found[i]![k]!), 0),
    ),
  }
}

function likeliest(logProbabilities: Float32Array): number {
  let best = 0
  for (let i = 1; i < logProbabilities.length; i++)
    if (logProbabilities[i]! > logProbabilities[best]!) best = i
  return best
}
