// A figure laid out: shapes, words and images at their places. The writers of SVG, PDF and PNG know nothing else.
import type { GridName } from '../run/run.ts'
import type { Region } from './image-ref.ts'

/** `#rrggbb`. */
export type Colour = `#${string}`

/** Pixels computed from images of the figure; images are named by `refKey`. */
export type PictureSource =
  | { readonly of: 'image'; readonly image: string }
  /** What it was made from. */
  | { readonly of: 'input'; readonly image: string }
  /** Each token as a colour, mixed with the image underneath by `opacity`; 1 hides it. */
  | { readonly of: 'tokens'; readonly image: string; readonly grid: GridName; readonly opacity: number }
  /** Cells out of `cells` (raster order) fade towards white by `opacity`. */
  | {
      readonly of: 'faded'
      readonly image: string
      readonly cells: readonly number[]
      readonly opacity: number
    }
  | { readonly of: 'difference'; readonly before: string; readonly after: string }
  | { readonly of: 'mean'; readonly images: readonly string[] }
  /** Standard deviation over images and channels, in a colour map from 0 to `most` (of 255). */
  | { readonly of: 'deviation'; readonly images: readonly string[]; readonly most: number }
  /** The colour map itself, largest at the top. */
  | { readonly of: 'scale' }

/** Lengths in points, x to the right and y downwards from the top left corner. */
export type DisplayItem = ImageItem | Shape

export type Shape =
  | {
      readonly kind: 'rect'
      readonly x: number
      readonly y: number
      readonly width: number
      readonly height: number
      readonly fill?: Colour
      readonly stroke?: Colour
      readonly lineWidth?: number
    }
  | {
      readonly kind: 'line'
      readonly points: readonly (readonly [x: number, y: number])[]
      readonly stroke: Colour
      readonly lineWidth: number
      /** Lengths of dashes and gaps in turn. */
      readonly dash?: readonly number[]
    }
  | {
      readonly kind: 'disc'
      readonly x: number
      readonly y: number
      readonly radius: number
      readonly fill: Colour
    }
  | TextItem

export interface ImageItem {
  readonly kind: 'image'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly source: PictureSource
  readonly crop?: Region
  /** Its place among the cells of its panel, in reading order; absent for insets and scales. */
  readonly cell?: number
}

export interface TextItem {
  readonly kind: 'text'
  /** Where the baseline begins, is half way, or ends. */
  readonly x: number
  readonly y: number
  readonly text: string
  readonly size: number
  readonly face: Face
  readonly anchor: 'start' | 'middle' | 'end'
  /** Reads upwards: turned by 90 degrees counter-clockwise about (x, y). */
  readonly turned?: boolean
  readonly fill: Colour
}

export const FACES = ['regular', 'bold', 'italic'] as const
export type Face = (typeof FACES)[number]

export interface DisplayList {
  readonly width: number
  readonly height: number
  readonly items: readonly DisplayItem[]
  /** What the layout had to do that an author may not want: labels cut, for example. */
  readonly notes: readonly string[]
  /** Where each panel of the figure lies, in their order; writers do without it. */
  readonly panels: readonly PanelPlace[]
}

/** A panel on the page with its heading, and its items: those from `first` up to `end`. */
export interface PanelPlace {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly first: number
  readonly end: number
}

/** What a layout must know of letters; lengths in em. */
export interface Metrics {
  /** Width of a line of text without kerning. Throws RequestError for a character the face lacks. */
  width(text: string, face: Face): number
  readonly capitalHeight: number
  /** Room above the baseline for d and brackets. */
  readonly ascent: number
  /** Room below the baseline for g and y. */
  readonly descent: number
}
