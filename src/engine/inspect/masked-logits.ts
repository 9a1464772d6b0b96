// A code of a masked generator -> the logits of the step in which it became known, given those of the steps before.
// R = rows of a pass, V = columns of the logits.
import { RequestError } from '../../shared/errors.ts'
import { guided, rowLabels, rowsOf } from '../decoding/generators/decoder.ts'
import { drawToken } from '../decoding/generators/draw-token.ts'
import { maskedRule, type MaskedRule } from '../decoding/generators/rules.ts'
import type { MaskedNetwork } from '../models/generators/generator.ts'
import { tensor } from '../session/index.ts'
import type { DrawnCode, WeighedLogits } from './drawn-code.ts'

export async function maskedLogits(network: MaskedNetwork, code: DrawnCode): Promise<WeighedLogits> {
  const { cells, columns: V, mask, vocabulary } = network
  const { family, label, codes, at } = code
  const { tokens, steps, pinned, logProbabilities } = codes
  if (!steps) throw new RequestError('the record does not say at which step each code was decided')
  const recorded = maskedRule(family, code.settings, cells)
  const session = await code.open('step', () => network.step())
  /** Codes as the network reads them, with its mask where it drew that: the picture has the last code there. */
  const ids = Int32Array.from(tokens)

  /** Logits of positions of a step, which sees the steps before. A pinned code was scored without any. */
  async function logitsAt(step: number, seesNone: boolean, rule: MaskedRule, positions: readonly number[]) {
    const isKnown = (i: number) => !seesNone && (pinned?.[i] === 1 || steps![i]! < step)
    const seen = ids.map((id, i) => (isKnown(i) ? id : mask))
    const isGuided = rule.guidance !== undefined
    const rows = rowLabels([{ label }], isGuided).map((one) => network.ids(seen, one))
    const { logits } = await session.run({
      ids: tensor('i64', rows.flat(), [rows.length, rows[0]!.length]),
    })
    const all = rowsOf(logits!.data as Float32Array, 0, isGuided, cells * V)
    return positions.map((i) => guided(all, i * V, V, rule.guidance?.(step)))
  }
  /** Whether the record's log-probability is that of the mask. */
  const wasMask = (logits: Float32Array, i: number) => {
    const distance = (token: number) =>
      Math.abs(drawToken(logits, recorded.token, 0, token).logProbability - logProbabilities[i]!)
    return distance(mask) < distance(tokens[i]!)
  }
  const mayBeMask = (i: number) => V > vocabulary && tokens[i] === vocabulary - 1 && pinned?.[i] !== 1

  const isPinned = pinned?.[at] === 1
  const step = isPinned ? 0 : steps[at]!
  if (!isPinned)
    for (let earlier = 0; earlier < step; earlier++) {
      const unsure = [...ids.keys()].filter((i) => steps[i] === earlier && mayBeMask(i))
      if (unsure.length === 0) continue
      const found = await logitsAt(earlier, false, recorded, unsure)
      for (const [n, i] of unsure.entries()) if (wasMask(found[n]!, i)) ids[i] = mask
    }
  const rule = maskedRule(family, code.weighed, cells)
  const [logits] = await logitsAt(step, isPinned, rule, [at])
  if (V === vocabulary) return { logits: logits!, rule: rule.token }
  const [drawnFrom] = mayBeMask(at) ? await logitsAt(step, isPinned, recorded, [at]) : []
  return {
    logits: logits!,
    rule: rule.token,
    mask: { id: mask, isDrawn: drawnFrom !== undefined && wasMask(drawnFrom, at) },
  }
}
