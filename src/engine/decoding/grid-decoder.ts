// What draws the grids of a batch of images, whatever the model: the contract, and its progress for a page.
import type { MaskedDecoding, Sampling } from '../../shared/run/run.ts'
import type { DrawnGrid } from '../tokens/grid.ts'
import type { GridsPreview } from '../devices/callbacks.ts'

/** One image of a run: where its random numbers come from, and the tokens it need not draw. */
export interface ImageStream {
  readonly seed: number
  /** Its number in the run. */
  readonly image: number
  /** The image whose random numbers it draws with. @default image */
  readonly noise?: number
  /** Tokens to use instead of sampling, [256], -1 where the token is sampled. */
  readonly pinned?: ArrayLike<number> | undefined
}

/** Progress of a batch: the finished share, from 0 to 1. */
export interface DecodeCallbacks {
  readonly signal: AbortSignal
  onShare(share: number): void
  /** Tokens that every grid in progress has so far, and the grids with -1 where there is none yet. */
  onGrids?(done: number, images: GridsPreview['images']): void
  /** Waited for between two chunks. */
  readonly turn?: (() => Promise<void>) | undefined
}

/** The input of an image: its class, its discriminative tokens, or nothing. */
export type Start = number | ArrayLike<number> | undefined

/** How tokens are drawn; networks take it with every batch. */
export interface Drawing {
  readonly sampling: Sampling
  /** Of no meaning where grids are drawn token by token. */
  readonly masked: MaskedDecoding
}

/** Samples grids: stage 1 from a class or nothing, stage 2 from discriminative tokens. */
export interface GridDecoder {
  /** `starts[i]` is what image i starts from. */
  draw(
    images: readonly ImageStream[],
    starts: readonly Start[],
    drawing: Drawing,
    callbacks: DecodeCallbacks,
  ): Promise<DrawnGrid[]>
  close(): Promise<void>
}

/** The grids as reported to a page: -1 where there is no token yet. */
export const soFar = (
  images: readonly ImageStream[],
  grids: readonly DrawnGrid[],
  settled: (image: number, at: number) => boolean,
): GridsPreview['images'] =>
  images.map(({ image }, i) => ({
    image,
    tokens: Int16Array.from(grids[i]!.tokens, (token, at) => (settled(i, at) ? token : -1)),
  }))
