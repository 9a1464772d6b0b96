// Pictures by their patches: the cluster of every region, the encoder's features behind it, and pictures handed over
// to be looked at so. A picture has 256 patches, 16 x 16 in raster order.
import { z } from 'zod'
import { MAX_HANDED_BYTES } from '../contract/handed-pictures.ts'
import { GridNameSchema, ImageNumberSchema, ImageRunIdSchema, type GridName } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { AtlasIdSchema } from './atlases.ts'

/** Name of a picture that the workspace keeps: the first digits of its sha256. */
export const PictureIdSchema = z.string().regex(/^[0-9a-f]{16}$/, 'not a picture id')

/** An image of a run, the picture that a reconstruction was made from, a picture of an atlas, or one handed over. */
export const PictureRefSchema = z.discriminatedUnion('of', [
  z.object({ of: z.literal('run'), run: ImageRunIdSchema, image: ImageNumberSchema }),
  z.object({ of: z.literal('original'), run: ImageRunIdSchema, image: ImageNumberSchema }),
  z.object({ of: z.literal('atlas'), atlas: AtlasIdSchema, image: ImageNumberSchema }),
  z.object({ of: z.literal('picture'), picture: PictureIdSchema }),
])
export type PictureRef = z.infer<typeof PictureRefSchema>

/** Pictures whose features `readPatchColours` takes together. */
export const MAX_JOINT_PICTURES = 16

/** The tokens of a picture, with what they are tokens of. */
export interface PictureTokens {
  /** [256] */
  readonly tokens: Int32Array
  /** [256] squared distances to the centroids, where they are known. */
  readonly distances?: Float32Array
  /**
   * `drawn` with the image, kept in the `atlas`, or `encoded` now from the pixels. Of an image that was drawn, the
   * encoder may say otherwise than what it was drawn from.
   */
  readonly origin: 'drawn' | 'atlas' | 'encoded'
  /** Entries of the codebook; absent, as its hash, for drawn tokens where no codebook is open. */
  readonly entries?: number
  /** sha256 of the file that the codebook is in. */
  readonly codebook?: string
}

/** What K-Means is given of a picture: the normalised output of one block of the encoder. */
export interface PatchFeatures {
  /** [256, width] */
  readonly features: Float32Array
  readonly width: number
  /** Counted from the last block, which is 1. */
  readonly layer: number
}

/** Features of some pictures as colours: their first three principal components as red, green and blue. */
export interface PatchColours {
  /** RGBA [pictures * 256 * 4]; patches that are left out as background are transparent. */
  readonly pixels: Uint8Array
  /** Share of the variance along each component, of the patches that are not left out. */
  readonly shares: readonly number[]
  /** Patches that are not left out. */
  readonly patches: number
}

/** A picture that the workspace keeps. */
export interface KeptPicture {
  readonly id: string
  readonly name: string
  /** ISO time it was handed over. */
  readonly kept: string
}

export interface RegionsApi {
  /**
   * The tokens of a picture: those it was drawn from or the atlas was made of, or with `encode` those of its pixels.
   * A picture handed over is always encoded.
   */
  readPictureTokens(picture: PictureRef, tokens: GridName, encode: boolean): Promise<PictureTokens>
  /** The encoder's features of a picture, from the layer that K-Means is given. */
  readPatchFeatures(picture: PictureRef): Promise<PatchFeatures>
  /** Colours that are comparable between these pictures; with `foreground`, of the patches that stand out alone. */
  readPatchColours(pictures: readonly PictureRef[], foreground: boolean): Promise<PatchColours>
  /** The picture as the encoder was given it: a square PNG. */
  readSquarePicture(picture: PictureRef): Promise<Uint8Array>
  /** Takes a picture into the workspace and answers with its id; the same picture again has the same. */
  keepPicture(name: string, picture: Uint8Array): Promise<string>
  /** Those handed over, newest first. */
  listPictures(): Promise<readonly KeptPicture[]>
  removePicture(id: string): Promise<void>
}

export const REGION_CALLS: CallSchemas<RegionsApi> = {
  readPictureTokens: z.tuple([PictureRefSchema, GridNameSchema, z.boolean()]),
  readPatchFeatures: z.tuple([PictureRefSchema]),
  readPatchColours: z.tuple([z.array(PictureRefSchema).min(1).max(MAX_JOINT_PICTURES), z.boolean()]),
  readSquarePicture: z.tuple([PictureRefSchema]),
  keepPicture: z.tuple([
    z.string().min(1).max(255),
    z.instanceof(Uint8Array).refine(({ length }) => length <= MAX_HANDED_BYTES, 'too large'),
  ]),
  listPictures: z.tuple([]),
  removePicture: z.tuple([PictureIdSchema]),
}
