// Finding clusters by a picture: what a page may ask, and what it is told.
import { z } from 'zod'
import { MAX_HANDED_BYTES } from '../contract/handed-pictures.ts'
import { ImageNumberSchema } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'

/** The clusters in a picture. */
export interface PictureClusters {
  /** The picture as the encoder was given it: a square PNG, 16 x 16 cells. */
  readonly png: Uint8Array
  /** The cluster of each cell, [256] in raster order. */
  readonly tokens: Int32Array
  /** Squared distance of each cell to its centroid; absent for an image of an atlas. */
  readonly distances?: Float32Array
}

export interface FindApi {
  /** Tokenizes an image file with the open models, which must have the atlas's codebook. */
  findClusters(atlas: string, name: string, picture: Uint8Array): Promise<PictureClusters>
  /** The clusters in an image of the atlas itself, as its tokens have them. */
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
