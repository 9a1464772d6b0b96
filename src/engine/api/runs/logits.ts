// The part of the contract that queries models again about a finished image: the logits behind one of its cells, the
// attention, what changes when a position of the input is masked, and the picture after each scale.
import type { EngineApi } from '../../../shared/contract/api.ts'
import { RequestError } from '../../../shared/errors.ts'
import { GRID_NAMES, type GridName } from '../../../shared/grid/layout.ts'
import { cellAttention } from '../../inspect/cell-attention.ts'
import { cellLogits } from '../../inspect/cell-logits.ts'
import { generatorLogits } from '../../inspect/generator-logits.ts'
import { maskedLogProbabilities } from '../../inspect/cell-masked.ts'
import { scalePicture } from '../../inspect/scale-pictures.ts'
import { scope, type Keep } from '../../devices/scope.ts'
import { textToRecord, type ImageRecord } from '../../records/image-record.ts'
import { openModels, type OpenModels } from '../../model-set/open-models.ts'
import type { Lease, Networks } from '../../devices/network-pool.ts'
import { withoutFolders } from '../folders.ts'
import type { OpenModelSet } from '../models/models.ts'

export interface LogitsOptions {
  readonly readImage: EngineApi['readImage']
  readonly modelsInUse: () => OpenModelSet
  readonly networks: Networks
}

/** Runs between two chunks of a current run: a device does one thing at a time, and one pass is fast. */
export function logitsCalls({
  readImage,
  modelsInUse,
  networks,
}: LogitsOptions): Pick<EngineApi, 'readLogits' | 'readAttention' | 'readMasked' | 'readScalePicture'> {
  const query = async <T>(
    run: string,
    image: number,
    answer: (record: ImageRecord, models: OpenModels, lease: Lease, keep: Keep) => Promise<T>,
  ): Promise<T> => {
    const { fields, folders } = modelsInUse()
    const record = textToRecord(await readImage(run, image), `${run}, image ${image}`)
    try {
      return await scope(async (keep) => {
        const models = keep(await openModels([fields.model, ...(fields.generatorFiles ?? [])], fields.choose))
        return answer(record, models, keep(networks.lease()), keep)
      })
    } catch (error) {
      if (error instanceof Error) error.message = withoutFolders(error.message, folders)
      throw error
    }
  }
  return {
    readLogits: (run, image, layer, cell, settings) =>
      query(run, image, (record, models, lease) =>
        record.recipe.generator
          ? generatorLogits(record, layer, cell, models, lease, settings)
          : cellLogits(record, gridName(layer), cell, models, lease),
      ),
    readAttention: (run, image, grid, cell) =>
      query(run, image, (record, models, lease) => cellAttention(record, grid, cell, models, lease)),
    readMasked: (run, image, grid, cell, positions) =>
      query(run, image, (record, models, lease) =>
        maskedLogProbabilities(record, grid, cell, positions, models, lease),
      ),
    readScalePicture: (run, image, scales) =>
      query(run, image, (record, models, _, keep) => scalePicture(record, scales, models, networks, keep)),
  }
}

function gridName(layer: string): GridName {
  const grid = GRID_NAMES.find((name) => name === layer)
  if (!grid) throw new RequestError(`layer: unknown (found ${layer}, expected ${GRID_NAMES.join(' or ')})`)
  return grid
}
