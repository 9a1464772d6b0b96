// An open network on a device -> its rate in tokens, codes or pictures per second.
import { DIGIT_GRID } from '../../../shared/grid/layout.ts'
import type { Rate } from '../../../shared/models/self-test.ts'
import type { Decoder, Sequence } from '../../decoding/autoregressive.ts'
import type { MaskedDecoder } from '../../decoding/masked.ts'
import type { PixelDecoder } from '../../tokenizer/tokenizer.ts'

/** Batch sizes that are measured. */
export const TEST_BATCHES = [1, 4] as const
/** Time of a measurement, which ends at the first chunk after it. */
const BUDGET_MS = 1500
/** If one image takes longer, larger batches are not tried. */
const SLOW_MS = 6000
const MASKED_STEPS = 8

const SAMPLING = { temperature: 1, topK: 200, topP: 0 }

/** Tokens per second of all images together, after the prefix. */
export const decodeRate = (decoder: Decoder, sequences: readonly Sequence[], signal: AbortSignal) =>
  rateOf(signal, sequences.length, (signal, done) =>
    decoder.decode(sequences, { sampling: SAMPLING, signal, onTokens: done }),
  )

/** Codes per second of all images together, in eight steps. */
export const maskedRate = (decoder: MaskedDecoder, sequences: readonly Sequence[], signal: AbortSignal) =>
  rateOf(signal, (sequences.length * DIGIT_GRID.cells) / MASKED_STEPS, (signal, done) => {
    done(0)
    const decoding = { steps: MASKED_STEPS, choiceTemperature: 4.5 }
    return decoder.decode(sequences, { sampling: SAMPLING, decoding, signal, onStep: done })
  })

/** Pictures per second. */
export const pixelRate = (decoder: PixelDecoder, grids: readonly ArrayLike<number>[], signal: AbortSignal) =>
  rateOf(signal, grids.length, async (signal, done) => {
    for (let round = 0; ; round++) {
      done(round)
      signal.throwIfAborted()
      await decoder.decode(grids)
    }
  })

/** A rate for each batch size; only for the first on a slow device. */
export async function ratesOf(measure: (batch: number) => Promise<number>): Promise<readonly Rate[]> {
  const rates: Rate[] = []
  for (const batch of TEST_BATCHES) {
    const begun = performance.now()
    rates.push({ batch, perSecond: await measure(batch) })
    if (performance.now() - begun > SLOW_MS) break
  }
  return rates
}

/**
 * Units per second that `work` reports, measured from its second report on, because devices prepare a lot in the first
 * run of each shape. Stops `work` after BUDGET_MS. Rejects with the signal's reason if the signal is aborted.
 */
async function rateOf(
  signal: AbortSignal,
  unit: number,
  work: (signal: AbortSignal, done: (count: number) => void) => Promise<unknown>,
): Promise<number> {
  const enough = new AbortController()
  const times: { readonly count: number; readonly at: number }[] = []
  try {
    await work(AbortSignal.any([signal, enough.signal]), (count) => {
      times.push({ count, at: performance.now() })
      if (times.length > 2 && times.at(-1)!.at - times[0]!.at > BUDGET_MS) enough.abort()
    })
  } catch (error) {
    if (signal.aborted || !enough.signal.aborted) throw error
  }
  const [first, last] = [times[times.length > 2 ? 1 : 0]!, times.at(-1)!]
  return (unit * (last.count - first.count) * 1000) / (last.at - first.at)
}
