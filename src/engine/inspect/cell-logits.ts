// A finished image -> the logits from which one of its cells was sampled, recomputed from the same model input.
import type { GridName } from '../../shared/grid/layout.ts'
import type { CellLogits } from '../../shared/contract/api.ts'
import { ModelError } from '../../shared/errors.ts'
import { firstNotFinite } from '../../shared/finite.ts'
import { positionGraph } from '../models/score-graph.ts'
import { SPECIALS } from '../models/transformer-config.ts'
import { tensor } from '../session/index.ts'
import type { ImageRecord } from '../records/image-record.ts'
import type { OpenModels } from '../model-set/open-models.ts'
import type { Lease } from '../devices/network-pool.ts'
import { openForRecord, seenCell, withDrawn } from './seen-cell.ts'

/** Throws RequestError for a grid that was not sampled, ModelError if other models sampled it. */
export async function cellLogits(
  record: ImageRecord,
  grid: GridName,
  cell: number,
  models: OpenModels,
  networks: Lease,
): Promise<CellLogits> {
  const { model, drawn } = await withDrawn(record, grid, models)
  const session = await openForRecord('position', model, record, networks, positionGraph)
  const { ids, position } = seenCell(model, record, drawn, cell)
  const { logits } = await session.run({
    ids: tensor('i64', ids, [1, ids.length]),
    position: tensor('i64', [position], [1]),
  })
  const values = logits!.data as Float32Array
  if (firstNotFinite(values) >= 0)
    throw new ModelError(`${model.file.path}: ${model.config.kind}, cell ${cell}: the logits are not finite`)
  return {
    logits: values,
    specials: SPECIALS,
    specialsInSoftmax: model.config.kind !== 'stage2-nar',
  }
}
