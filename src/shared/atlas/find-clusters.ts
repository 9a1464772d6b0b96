// Finding clusters by picture: requests and results.
import * as z from 'zod'
import { MAX_HANDED_BYTES } from '../contract/handed-pictures.ts'
import { ImageNumberSchema } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'

/** The clusters in a picture. */
export interface PictureClusters {
  /** The encoder's input: a square PNG, a whole number of pixels a cell. */
  readonly png: Uint8Array
  /** The cluster of each cell of the atlas's grid, in raster order. */
  readonly tokens: Int32Array
  /** Squared distance of each cell to its centroid; absent for an image of an atlas. */
  readonly distances?: Float32Array
}

export interface FindApi {
  /** Tokenizes an image file with the open models, whose codebook must be that of the atlas. */
  findClusters(atlas: string, name: string, picture: Uint8Array): Promise<PictureClusters>
  /** The clusters of an image of the atlas, from its stored tokens. */
  readAtlasImage(atlas: string, image: number): Promise<PictureClusters>
}

export const findCalls = (atlas: z.ZodType<string>): CallSchemas<FindApi> => ({
  findClusters: z.tuple([
    atlas,
    z.string().min(1).max(255),
    z.instanceof(Uint8Array).refine(({ length }) => length <= MAX_HANDED_BYTES, 'too large'),
  ]),
  readAtlasImage: z.tuple([atlas, ImageNumberSchema]),
})
