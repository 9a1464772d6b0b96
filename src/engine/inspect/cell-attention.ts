// A finished image -> how the model came to the token of one of its cells: attention, rollout, and the lens of each layer,
// recomputed from the same model input.
import type { GridName } from '../../shared/grid/layout.ts'
import { ModelError } from '../../shared/errors.ts'
import { firstNotFinite } from '../../shared/finite.ts'
import type { CellAttention } from '../../shared/run/attention.ts'
import { SPECIALS } from '../models/transformer-config.ts'
import { attentionGraph, meanOfHeads } from '../models/attention-graph.ts'
import { tensor } from '../session/index.ts'
import type { ImageRecord } from '../records/image-record.ts'
import type { OpenModels } from '../model-set/open-models.ts'
import type { Lease } from '../devices/network-pool.ts'
import { logitsToLens } from './lens.ts'
import { rolloutRow } from './rollout.ts'
import { inputOf, openForRecord, seenCell, withDrawn } from './seen-cell.ts'

/** Throws RequestError for a grid that was not sampled, ModelError if other models sampled it. */
export async function cellAttention(
  record: ImageRecord,
  grid: GridName,
  cell: number,
  models: OpenModels,
  networks: Lease,
): Promise<CellAttention> {
  const { model, drawn } = await withDrawn(record, grid, models)
  const session = await openForRecord('attention', model, record, networks, attentionGraph)
  const seen = seenCell(model, record, drawn, cell)
  const { ids, position } = seen
  const { weights, lens, ...means } = await session.run({
    ids: tensor('i64', ids, [1, ids.length]),
    position: tensor('i64', [position], [1]),
  })
  const { kind, layers, heads } = model.config
  const logits = lens!.data as Float32Array
  const rows = weights!.data as Float32Array
  if (firstNotFinite(logits) >= 0 || firstNotFinite(rows) >= 0)
    throw new ModelError(
      `${model.file.path}: ${kind}, cell ${cell}: the attention or the logits are not finite`,
    )
  const V = logits.length / (layers + 1)
  if (kind === 'stage2-nar')
    for (let row = 0; row <= layers; row++) logits.fill(-Infinity, row * V, row * V + SPECIALS)
  const found = logitsToLens(logits, layers + 1, drawn.tokens[cell]!)
  const matrices = Array.from(
    { length: layers },
    (_, layer) => means[meanOfHeads(layer)]!.data as Float32Array,
  )
  return {
    input: inputOf(model, seen),
    layers,
    heads,
    weights: rows,
    rollout: Float32Array.from(rolloutRow(matrices, position, ids.length)),
    lens: found,
    logProbability: Math.log(found.probabilities[layers]!),
  }
}
