// The part of the contract that finds clusters by a picture: any image file, or an image of the atlas.
import type { FindApi } from '../../../shared/atlas/find-clusters.ts'
import type { Atlas } from '../../runs/atlas/atlas-read.ts'
import type { Networks } from '../../devices/network-pool.ts'
import { pictureClusters } from '../../inspect/picture-clusters.ts'
import { atlasPicture } from '../../workspace/atlases.ts'
import { withoutFolders } from '../folders.ts'
import type { OpenModelSet } from '../models/models.ts'

export interface FindOptions {
  readonly openAtlas: (id: string) => Promise<Atlas>
  readonly modelsInUse: () => OpenModelSet
  readonly networks: Networks
}

/** Runs between two chunks of a current run: a device does one thing at a time, and one picture is fast. */
export const findCalls = ({ openAtlas, modelsInUse, networks }: FindOptions): FindApi => ({
  async findClusters(id, name, bytes) {
    const { fields, folders } = modelsInUse()
    try {
      const atlas = await openAtlas(id)
      const files = [fields.model, ...(fields.generatorFiles ?? [])]
      return await pictureClusters({ name, bytes }, atlas, [files, fields.choose], networks)
    } catch (error) {
      if (error instanceof Error) error.message = withoutFolders(error.message, folders)
      throw error
    }
  },
  async readAtlasImage(id, image) {
    const atlas = await openAtlas(id)
    // Tokens first, because they determine which images exist.
    const tokens = await atlas.imageTokens(image)
    return { png: await atlasPicture(atlas, image), tokens }
  },
})
