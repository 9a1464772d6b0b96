// Pictures by patch: the cluster of every region, the encoder features behind it, and uploaded pictures. A
// picture has 256 patches, 16 x 16 in raster order.
import { GridNameSchema, type GridName } from '../grid/layout.ts'
import * as z from 'zod'
import { MAX_HANDED_BYTES } from '../contract/handed-pictures.ts'
import { ImageNumberSchema, ImageRunIdSchema } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { AtlasIdSchema } from './atlases.ts'

/** Id of a picture stored in the workspace: the first digits of its sha256. */
export const PictureIdSchema = z.string().regex(/^[0-9a-f]{16}$/, 'not a picture id')

/** An image of a run, the input picture of a reconstruction, a picture of an atlas, or an uploaded one. */
export const PictureRefSchema = z.discriminatedUnion('of', [
  z.object({ of: z.literal('run'), run: ImageRunIdSchema, image: ImageNumberSchema }),
  z.object({ of: z.literal('original'), run: ImageRunIdSchema, image: ImageNumberSchema }),
  z.object({ of: z.literal('atlas'), atlas: AtlasIdSchema, image: ImageNumberSchema }),
  z.object({ of: z.literal('picture'), picture: PictureIdSchema }),
])
export type PictureRef = z.infer<typeof PictureRefSchema>

/** Maximum number of pictures per `readPatchColours` call. */
export const MAX_JOINT_PICTURES = 16

/** The tokens of a picture, and the codebook they refer to. */
export interface PictureTokens {
  /** [256] */
  readonly tokens: Int32Array
  /** [256] squared distances to the centroids, if known. */
  readonly distances?: Float32Array
  /**
   * `drawn` with the image, stored in the `atlas`, or `encoded` now from the pixels. For a generated image
   * the encoder may disagree with the tokens it was generated from.
   */
  readonly origin: 'drawn' | 'atlas' | 'encoded'
  /** Entries of the codebook; absent, like its hash, for drawn tokens while no codebook is open. */
  readonly entries?: number
  /** sha256 of the file that the codebook is in. */
  readonly codebook?: string
}

/** Input of K-Means: the normalised output of one encoder block. */
export interface PatchFeatures {
  /** [256, width] */
  readonly features: Float32Array
  readonly width: number
  /** Counted from the last block, which is 1. */
  readonly layer: number
}

/** Features of several pictures as colours: their first three principal components as red, green and blue. */
export interface PatchColours {
  /** RGBA [pictures * 256 * 4]; patches classified as background are transparent. */
  readonly pixels: Uint8Array
  /** Share of the variance along each component, over foreground patches. */
  readonly shares: readonly number[]
  /** Foreground patches. */
  readonly patches: number
}

/** A picture stored in the workspace. */
export interface KeptPicture {
  readonly id: string
  readonly name: string
  /** ISO time of upload. */
  readonly kept: string
}

export interface RegionsApi {
  /**
   * The tokens of a picture: those it was generated from or stored in the atlas, or, with `encode`, those of
   * its pixels. An uploaded picture is always encoded.
   */
  readPictureTokens(picture: PictureRef, tokens: GridName, encode: boolean): Promise<PictureTokens>
  /** The encoder's features of a picture, from the layer that K-Means uses. */
  readPatchFeatures(picture: PictureRef): Promise<PatchFeatures>
  /**
   * Colours that are comparable between these pictures; with `foreground`, of the foreground patches only.
   */
  readPatchColours(pictures: readonly PictureRef[], foreground: boolean): Promise<PatchColours>
  /** The encoder's input: a square PNG. */
  readSquarePicture(picture: PictureRef): Promise<Uint8Array>
  /** Stores a picture in the workspace and returns its id; the same picture always has the same id. */
  keepPicture(name: string, picture: Uint8Array): Promise<string>
  /** Uploaded pictures, newest first. */
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
