// A finished image -> the probability of the token of one of its cells when one position of the model's input is masked.
// Attention shows where the model reads; this is what the reading changed.
import type { GridName } from '../../shared/grid/layout.ts'
import { ModelError, RequestError } from '../../shared/errors.ts'
import { SPECIALS, UNK } from '../models/transformer-config.ts'
import type { ImageRecord } from '../records/image-record.ts'
import type { OpenModels, OpenTransformer } from '../model-set/open-models.ts'
import type { Lease } from '../devices/network-pool.ts'
import { isCode, maskedPasses } from './masked-passes.ts'
import { seenCell, withDrawn, type SeenCell } from './seen-cell.ts'

/** An answer takes about this long, so that a page can stop between two answers and runs get their turn. */
const ANSWER_MS = 400
/**
 * Natural logs of the probability of the cell's token at temperature 1, for the first of `positions`: as many as fit into
 * `budget` ms, at least one. Each position is masked alone:
 * - a visible cell of masked decoding is replaced by the mask token, as the model knows it from its training;
 * - every other position is hidden from the attention of all others, in every layer; it can still read itself. The
 *   position that predicts the cell keeps its own input, which is the token before the cell.
 */
export async function maskedLogProbabilities(
  record: ImageRecord,
  grid: GridName,
  cell: number,
  positions: readonly number[],
  models: OpenModels,
  networks: Lease,
  budget = ANSWER_MS,
): Promise<Float32Array> {
  const { model, drawn } = await withDrawn(record, grid, models)
  const seen = seenCell(model, record, drawn, cell)
  for (const position of positions) checkPosition(model, seen, position)
  const { atOnce, without } = await maskedPasses(model, record, seen, networks)
  const found: number[] = []
  const started = performance.now()
  /** Milliseconds of one position in the last pass. */
  let each: number | undefined
  while (found.length < positions.length) {
    const passStart = performance.now()
    const left = budget - (passStart - started)
    if (each !== undefined && left < each) break
    const count = each === undefined ? 1 : Math.min(atOnce, Math.floor(left / each))
    const part = positions.slice(found.length, found.length + count)
    const logits = await without(part)
    for (const [i, position] of part.entries()) {
      const value = logProbability(logits[i]!, drawn.tokens[cell]!, model)
      if (!Number.isFinite(value))
        throw new ModelError(`${model.file.path}: cell ${cell} without position ${position}: not finite`)
      found.push(value)
    }
    each = (performance.now() - passStart) / part.length
  }
  return Float32Array.from(found)
}

function checkPosition(model: OpenTransformer, { ids }: SeenCell, position: number): void {
  if (position >= ids.length)
    throw new RequestError(`position out of range (found ${position}, expected 0 to ${ids.length - 1})`)
  if (ids.length === 1) throw new RequestError('the first cell has nothing before it')
  if (isCode(model, position) && ids[position] === UNK)
    throw new RequestError(`position ${position}: already masked when this cell was drawn`)
}

/** log softmax of the token, in float64; specials are in the softmax as in drawing. */
function logProbability(logits: Float32Array, token: number, { config }: OpenTransformer): number {
  const from = config.kind === 'stage2-nar' ? SPECIALS : 0
  let most = -Infinity
  for (let i = from; i < logits.length; i++) most = Math.max(most, logits[i]!)
  let total = 0
  for (let i = from; i < logits.length; i++) total += Math.exp(logits[i]! - most)
  return logits[token + SPECIALS]! - most - Math.log(total)
}
