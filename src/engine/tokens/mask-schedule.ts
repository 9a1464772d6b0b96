// MaskGIT-style decoding: which tokens stay and which are masked again. Source: DiGIT's `st2vtlm_nar` decoding loop,
// after MaskGIT's parallel_decode.py (Chang et al., CVPR 2022).
import type { MaskedDecoding } from '../../shared/run/run.ts'
import { gridOfCells } from '../../shared/grid/shape.ts'
import { haltonPlaces } from './halton.ts'
import { gumbel } from './random.ts'

/**
 * Number of positions masked again after step `step` (0-based), if `masked` were masked before it and `total` at the
 * start.
 */
export function remaskedCount(step: number, steps: number, total: number, masked: number): number {
  if (step === steps - 1) return 0
  const scheduled = Math.floor(total * Math.cos((Math.PI / 2) * ((step + 1) / steps)))
  return Math.max(1, Math.min(masked - 1, scheduled))
}

/**
 * The positions of one image to mask again after a step: those of lowest confidence, where confidence is
 * log p(drawn) + choiceTemperature (1 - ratio) Gumbel noise, and positions known before the step are certain; or, in the
 * order of a Halton sequence, the last of it.
 */
export function positionsToRemask(options: {
  /** Natural log of the probability each position's token was drawn with. */
  readonly logProbabilities: ArrayLike<number>
  /** True if the position was masked before this step. */
  readonly masked: readonly boolean[]
  /** Positions that were masked before the first step: all but those with pinned tokens. */
  readonly total: number
  readonly step: number
  readonly decoding: MaskedDecoding
  readonly seed: number
  readonly image: number
}): number[] {
  const { logProbabilities, masked, total, step, decoding, seed, image } = options
  const { steps, choiceTemperature, halton = false } = decoding
  const open = masked.flatMap((isMasked, position) => (isMasked ? [position] : []))
  const count = remaskedCount(step, steps, total, open.length)
  if (halton) {
    const places = haltonPlaces(gridOfCells(masked.length).side)
    return open.sort((a, b) => places[b]! - places[a]!).slice(0, count)
  }
  const noise = choiceTemperature * (1 - (step + 1) / steps)
  const confidence = new Map(
    open.map((position) => {
      const draw = gumbel(seed, image, 'maskedChoice', step * masked.length + position)
      return [position, logProbabilities[position]! + noise * draw]
    }),
  )
  return open.sort((a, b) => confidence.get(a)! - confidence.get(b)! || a - b).slice(0, count)
}
