// An open network on a device -> how many tokens, codes or pictures it makes a second.
import { DIGIT_GRID } from '../../../shared/grid/layout.ts'
import type { Rate } from '../../../shared/models/self-test.ts'
import type { Decoder, Sequence } from '../../decoding/autoregressive.ts'
import type { MaskedDecoder } from '../../decoding/masked.ts'
import type { PixelDecoder } from '../../tokenizer/tokenizer.ts'

/** Images at once that are measured. */
export const TEST_BATCHES = [1, 4] as const
/** Enough for a rate; a measurement ends at the first chunk after it. */
const BUDGET_MS = 1500
/** Where one image takes longer to measure, more at once are not tried. */
const SLOW_MS = 6000
const MASKED_STEPS = 8

const SAMPLING = { temperature: 1, topK: 200, topP: 0 }

/** Tokens a second of all images together, once the prefix is in. */
export const decodeRate = (decoder: Decoder, sequences: readonly Sequence[], signal: AbortSignal) =>
  rateOf(signal, sequences.length, (signal, done) =>
    decoder.decode(sequences, { sampling: SAMPLING, signal, onTokens: done }),
  )

/** Codes a second of all images together, in eight steps. */
export const maskedRate = (decoder: MaskedDecoder, sequences: readonly Sequence[], signal: AbortSignal) =>
  rateOf(signal, (sequences.length * DIGIT_GRID.cells) / MASKED_STEPS, (signal, done) => {
    done(0)
    const decoding = { steps: MASKED_STEPS, choiceTemperature: 4.5 }
    return decoder.decode(sequences, { sampling: SAMPLING, decoding, signal, onStep: done })
  })

/** Pictures a second. */
export const pixelRate = (decoder: PixelDecoder, grids: readonly ArrayLike<number>[], signal: AbortSignal) =>
  rateOf(signal, grids.length, async (signal, done) => {
    for (let round = 0; ; round++) {
      done(round)
      signal.throwIfAborted()
      await decoder.decode(grids)
    }
  })

/** A rate for each batch size; for the first alone on a device that is slow. */
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
 * Units a second while `work` tells what is done, from the second time on: a device prepares much at its first run
 * of each shape. It is stopped when it was watched for long enough. Rejects with the signal's reason when a person
 * stops it.
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
