// The common interface for sampling the grids of a batch of images with any model, and its progress for a page.
import type { MaskedDecoding, Sampling } from '../../shared/run/run.ts'
import type { DrawnGrid } from '../tokens/grid.ts'
import type { GridsPreview } from '../devices/callbacks.ts'

/** One image of a run: the source of its random numbers, and its pinned tokens. */
export interface ImageStream {
  readonly seed: number
  /** Its number in the run. */
  readonly image: number
  /** The image whose random numbers it uses. @default image */
  readonly noise?: number
  /** Tokens to use instead of sampling, [256], -1 where the token is sampled. */
  readonly pinned?: ArrayLike<number> | undefined
}

/** Progress of a batch: the finished share, from 0 to 1. */
export interface DecodeCallbacks {
  readonly signal: AbortSignal
  onShare(share: number): void
  /** Number of tokens in every current grid so far, and the grids with -1 for missing tokens. */
  onGrids?(done: number, images: GridsPreview['images']): void
  /** Awaited between two chunks. */
  readonly turn?: (() => Promise<void>) | undefined
}

/** The input of an image: its class, its discriminative tokens, or nothing. */
export type Start = number | ArrayLike<number> | undefined

/** Sampling settings, passed with every batch. */
export interface Drawing {
  readonly sampling: Sampling
  /** Not used if grids are sampled token by token. */
  readonly masked: MaskedDecoding
}

/** Samples grids: stage 1 from a class or nothing, stage 2 from discriminative tokens. */
export interface GridDecoder {
  /** `starts[i]` is the input of image i. */
  draw(
    images: readonly ImageStream[],
    starts: readonly Start[],
    drawing: Drawing,
    callbacks: DecodeCallbacks,
  ): Promise<DrawnGrid[]>
  close(): Promise<void>
}

/** The grids as reported to a page: -1 for missing tokens. */
export const soFar = (
  images: readonly Pick<ImageStream, 'image'>[],
  grids: readonly DrawnGrid[],
  settled: (image: number, at: number) => boolean,
): GridsPreview['images'] =>
  images.map(({ image }, i) => ({
    image,
    tokens: Int16Array.from(grids[i]!.tokens, (token, at) => (settled(i, at) ? token : -1)),
  }))
