// What a layout needs to know about a figure's images, without their pixels.
import type { Rgb } from '../colour/oklch.ts'
import type { GridName } from '../grid/layout.ts'

export interface ContentImage {
  readonly width: number
  readonly height: number
  /** Tokens in raster order, if the image has a record. */
  readonly tokens: Readonly<Partial<Record<GridName, ArrayLike<number>>>>
  /** Masked decoding: the step (0-based) at which each token was decided. */
  readonly steps: Readonly<Partial<Record<GridName, ArrayLike<number>>>>
  /** True if its input picture can be read. */
  readonly hasInput: boolean
}

export interface Content {
  /** By `refKey`. */
  readonly images: ReadonlyMap<string, ContentImage>
  /** Largest standard deviation in each variance panel's maps, 0 to 255, by panel index. */
  readonly deviations: ReadonlyMap<number, number>
  /** The colour of a token. @default the hues of `tokenColour` */
  readonly colourOf?: (grid: GridName, token: number) => Rgb
}
