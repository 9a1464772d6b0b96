// A finished image -> the probability of the token of one of its cells when one position of the model's input is masked.
// Attention shows where the model reads; this is what the reading changed.
import type { GridName } from '../../shared/grid/layout.ts'
import { ModelError, RequestError } from '../../shared/errors.ts'
import { SPECIALS, UNK } from '../models/transformer-config.ts'
import { positionGraph } from '../models/score-graph.ts'
import { tensor, type Session } from '../session/index.ts'
import type { ImageRecord } from '../records/image-record.ts'
import type { OpenModels, OpenTransformer } from '../model-set/open-models.ts'
import type { Lease } from '../devices/network-pool.ts'
import { openForRecord, seenCell, withDrawn, type SeenCell } from './seen-cell.ts'

/** An answer takes about this long, so that a page can stop between two answers and runs get their turn. */
const ANSWER_MS = 400
/** Sequences of one pass: more are not faster, and their attention must fit into the memory beside a run. */
const MOST_SEQUENCES = 16
/** Largest tensor of one pass. */
const MOST_BYTES = 2 ** 27

/** A network that remembers how fast it is. */
interface MaskedNetwork extends Session {
  /** Milliseconds of one sequence in the last pass. */
  each?: number
}

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
  const network: MaskedNetwork = await openForRecord('masked', model, record, networks, (weighted) =>
    positionGraph(weighted, { givenMask: true }),
  )
  const { heads, ffn } = model.config
  const T = seen.ids.length
  const most = Math.max(
    1,
    Math.min(MOST_SEQUENCES, Math.floor(MOST_BYTES / (4 * Math.max(heads * T * T, T * ffn)))),
  )
  const mask = plainMask(model, T)
  const found: number[] = []
  const started = performance.now()
  while (found.length < positions.length) {
    const passStart = performance.now()
    const left = budget - (passStart - started)
    if (found.length > 0 && left < (network.each ?? 0)) break
    const fitting = network.each === undefined ? 1 : Math.floor(left / network.each)
    const batch = positions.slice(found.length, found.length + Math.max(1, Math.min(most, fitting)))
    const logits = await logitsWithout(network, model, seen, mask, batch)
    const V = logits.length / batch.length
    for (const [b, position] of batch.entries()) {
      const value = logProbability(logits.subarray(b * V, (b + 1) * V), drawn.tokens[cell]!, model)
      if (!Number.isFinite(value))
        throw new ModelError(`${model.file.path}: cell ${cell} without position ${position}: not finite`)
      found.push(value)
    }
    network.each = (performance.now() - passStart) / batch.length
  }
  return Float32Array.from(found)
}

/** Logits [B, V] at the cell's position, each sequence without one position. */
async function logitsWithout(
  network: Session,
  model: OpenTransformer,
  { ids, position }: SeenCell,
  mask: Float32Array,
  hidden: readonly number[],
): Promise<Float32Array> {
  const [B, T] = [hidden.length, ids.length]
  const masks = new Float32Array(B * T * T)
  const sequences = hidden.flatMap((at, b) => {
    masks.set(mask, b * T * T)
    if (isCode(model, at)) return ids.with(at, UNK)
    for (let row = 0; row < T; row++)
      if (row !== at || at === position) masks[(b * T + row) * T + at] = -Infinity
    return ids
  })
  const { logits } = await network.run({
    ids: tensor('i64', sequences, [B, T]),
    position: tensor('i64', [position], [1]),
    mask: tensor('f32', masks, [B, 1, T, T]),
  })
  return logits!.data as Float32Array
}

/** Additive attention mask [T, T] with nothing hidden: causal unless the model is NAR. */
function plainMask({ config }: OpenTransformer, T: number): Float32Array {
  const mask = new Float32Array(T * T)
  if (config.kind === 'stage2-nar') return mask
  for (let row = 0; row < T; row++) mask.fill(-Infinity, row * T + row + 1, (row + 1) * T)
  return mask
}

/** Whether masked decoding has a code at this position, which it can replace by its mask token. */
const isCode = ({ config }: OpenTransformer, position: number): boolean =>
  config.kind === 'stage2-nar' && position > config.grid.cells

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
