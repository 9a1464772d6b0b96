// The part of the contract that queries a model again: the logits behind one cell of a finished image.
import type { EngineApi } from '../../../shared/contract/api.ts'
import { cellLogits } from '../../inspect/cell-logits.ts'
import { scope } from '../../devices/scope.ts'
import { textToRecord } from '../../records/image-record.ts'
import { openModels } from '../../model-set/open-models.ts'
import type { Networks } from '../../devices/network-pool.ts'
import { withoutFolders } from '../folders.ts'
import type { OpenModelSet } from '../models/models.ts'

export interface LogitsOptions {
  readonly readImage: EngineApi['readImage']
  readonly modelsInUse: () => OpenModelSet
  readonly networks: Networks
}

/** Runs between two chunks of a current run: a device does one thing at a time, and one pass is fast. */
export const logitsCalls = ({
  readImage,
  modelsInUse,
  networks,
}: LogitsOptions): Pick<EngineApi, 'readLogits'> => ({
  async readLogits(run, image, stage, cell) {
    const { fields, folders } = modelsInUse()
    const record = textToRecord(await readImage(run, image), `${run}, image ${image}`)
    try {
      return await scope(async (keep) => {
        const models = keep(await openModels([fields.model], fields.choose))
        return cellLogits(record, stage, cell, models, keep(networks.lease()))
      })
    } catch (error) {
      if (error instanceof Error) error.message = withoutFolders(error.message, folders)
      throw error
    }
  },
})
