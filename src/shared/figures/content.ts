// What a layout must know of a figure's images; their pixels are not among it.
import type { GridName } from '../run/run.ts'

export interface ContentImage {
  readonly width: number
  readonly height: number
  /** Tokens in raster order, where the image carries a record. */
  readonly tokens: Readonly<Partial<Record<GridName, ArrayLike<number>>>>
  /** Masked decoding: the step (0-based) each token was settled in. */
  readonly steps: Readonly<Partial<Record<GridName, ArrayLike<number>>>>
  /** True where the picture it was made from can be read. */
  readonly hasInput: boolean
}

export interface Content {
  /** By `refKey`. */
  readonly images: ReadonlyMap<string, ContentImage>
  /** Largest standard deviation of each variance panel's maps, 0 to 255, by the panel's place in the figure. */
  readonly deviations: ReadonlyMap<number, number>
}
