// The model's input without one position -> the logits of the cell, by the cheapest passes that compute them.
import { emptyCache, renameCache, type Tensors } from '../decoding/autoregressive.ts'
import { UNK } from '../models/transformer-config.ts'
import { positionGraph } from '../models/score-graph.ts'
import { stepGraph } from '../models/transformer-graphs.ts'
import { tensor, type Session } from '../session/index.ts'
import type { ImageRecord } from '../records/image-record.ts'
import type { OpenTransformer } from '../model-set/open-models.ts'
import type { Lease } from '../devices/network-pool.ts'
import { openForRecord, type SeenCell } from './seen-cell.ts'

/** Sequences of one pass: more are not faster, and their attention must fit into the memory beside a run. */
const MOST_SEQUENCES = 16
/** Largest tensor of one pass. */
const MOST_BYTES = 2 ** 27

export interface MaskedPasses {
  /** Positions that one pass can mask, each in a sequence of its own. */
  readonly atOnce: number
  /** Logits [V] at the cell's position, without each of these positions in turn. */
  without(positions: readonly number[]): Promise<readonly Float32Array[]>
}

export const maskedPasses = (
  model: OpenTransformer,
  record: ImageRecord,
  seen: SeenCell,
  networks: Lease,
): Promise<MaskedPasses> =>
  model.config.kind === 'stage2-nar'
    ? wholePasses(model, record, seen, networks)
    : resumedPasses(model, record, seen, networks)

/** Whether masked decoding has a code at this position, which it can replace by its mask token. */
export const isCode = ({ config }: OpenTransformer, position: number): boolean =>
  config.kind === 'stage2-nar' && position > config.grid.cells

/** A model that reads in every direction: whole sequences, several at once. */
async function wholePasses(
  model: OpenTransformer,
  record: ImageRecord,
  { ids, position }: SeenCell,
  networks: Lease,
): Promise<MaskedPasses> {
  const session = await openForRecord('masked', model, record, networks, (weighted) =>
    positionGraph(weighted, { givenMask: true }),
  )
  const { heads, ffn } = model.config
  const T = ids.length
  const fitting = Math.floor(MOST_BYTES / (4 * Math.max(heads * T * T, T * ffn)))
  return {
    atOnce: Math.max(1, Math.min(MOST_SEQUENCES, fitting)),
    async without(positions) {
      const B = positions.length
      const mask = new Float32Array(B * T * T)
      const sequences = positions.flatMap((at, b) => {
        if (isCode(model, at)) return ids.with(at, UNK)
        for (let row = 0; row < T; row++) if (row !== at) mask[(b * T + row) * T + at] = -Infinity
        return ids
      })
      const { logits } = await session.run({
        ids: tensor('i64', sequences, [B, T]),
        position: tensor('i64', [position], [1]),
        mask: tensor('f32', mask, [B, 1, T, T]),
      })
      const all = logits!.data as Float32Array
      const V = all.length / B
      return positions.map((_, b) => all.subarray(b * V, (b + 1) * V))
    },
  }
}

/** Keeps the cache of the whole input between two answers. */
interface ResumedNetwork extends Session {
  read?: { readonly ids: readonly number[]; readonly cache: Tensors }
}

/**
 * A causal model: the positions up to the masked one are as in the whole input, so their keys and values are read from its
 * cache, and only the later positions run again, without the masked one.
 */
async function resumedPasses(
  model: OpenTransformer,
  record: ImageRecord,
  { ids, position }: SeenCell,
  networks: Lease,
): Promise<MaskedPasses> {
  const { layers, dim, grid } = model.config
  const cacheBytes = 2 * layers * 2 * grid.cells * dim * 4
  const session: ResumedNetwork = await openForRecord(
    'resumed',
    model,
    record,
    networks,
    (weighted) => stepGraph(weighted, { givenMask: true }),
    cacheBytes,
  )
  if (!session.read || session.read.ids.join() !== ids.join()) {
    delete session.read
    const step = await openForRecord('step', model, record, networks, stepGraph)
    const outputs = await step.run({
      ids: tensor('i64', ids, [1, ids.length]),
      start: tensor('i64', [0], []),
      ...emptyCache(model, 1, 'past'),
    })
    session.read = { ids, cache: renameCache(outputs, layers, 'present', '', 'past') }
  }
  const { cache } = session.read
  return {
    atOnce: 1,
    async without([at]) {
      const { first, mask } = resumedMask(ids.length, position, at!)
      const { logits } = await session.run({
        ids: tensor('i64', ids.slice(first), [1, ids.length - first]),
        start: tensor('i64', [first], []),
        mask: tensor('f32', mask, [ids.length - first, 2 * ids.length - first]),
        ...cache,
      })
      return [logits!.data as Float32Array]
    },
  }
}

/**
 * The positions that run again without position `hidden`, from `first` to the last, and what each of them reads: additive
 * mask [T - first, T + T - first], over the cached positions and those that run again.
 */
export function resumedMask(
  T: number,
  position: number,
  hidden: number,
): { first: number; mask: Float32Array } {
  // The position that predicts the cell runs again even if it is the one that is hidden: it must not read itself.
  const first = Math.min(hidden + 1, position)
  const columns = T + T - first
  const mask = new Float32Array((T - first) * columns).fill(-Infinity)
  for (let row = first; row < T; row++) {
    const at = (row - first) * columns
    for (let other = 0; other <= row; other++)
      if (other !== hidden) mask[at + (other < first ? other : T + other - first)] = 0
  }
  return { first, mask }
}
