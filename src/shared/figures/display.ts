// A laid-out figure: shapes, text and images at their positions. The SVG, PDF and PNG writers use nothing
// else.
import type { Region } from './image-ref.ts'

/** `#rrggbb`. */
export type Colour = `#${string}`

/** Pixels computed from images of the figure; images are named by `refKey`. */
export type PictureSource =
  | { readonly of: 'image'; readonly image: string }
  /** The source images. */
  | { readonly of: 'input'; readonly image: string }
  /** Each cell in its colour (`rrggbb`, in raster order), blended with the image by `opacity`; 1 hides the image. */
  | { readonly of: 'tokens'; readonly image: string; readonly cells: string; readonly opacity: number }
  /** Cells other than `cells` (raster order) fade to white by `opacity`. */
  | {
      readonly of: 'faded'
      readonly image: string
      readonly cells: readonly number[]
      /** Of the grid that the cells are of. */
      readonly side: number
      readonly opacity: number
    }
  | { readonly of: 'difference'; readonly before: string; readonly after: string }
  | { readonly of: 'mean'; readonly images: readonly string[] }
  /** Standard deviation over images and channels, in a colour map from 0 to `most` (of 255). */
  | { readonly of: 'deviation'; readonly images: readonly string[]; readonly most: number }
  /** The colour map itself, largest at the top. */
  | { readonly of: 'scale' }

/** Lengths in points, x to the right and y down from the top left corner. */
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
      /** Lengths of alternating dashes and gaps. */
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
  /** Its index among the cells of its panel, in reading order; absent for insets and scales. */
  readonly cell?: number
}

export interface TextItem {
  readonly kind: 'text'
  /** Where on the baseline x is: start, middle or end. */
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
  /** Notes for the author about compromises of the layout, such as truncated labels. */
  readonly notes: readonly string[]
  /** Position of each panel, in order; not used by the writers. */
  readonly panels: readonly PanelPlace[]
}

/** A panel on the page with its heading, and its items: from `first` up to `end`. */
export interface PanelPlace {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly first: number
  readonly end: number
}

/** What a text covers, from the start of its baseline, x to the right and y down. */
export interface Ink {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Font metrics for the layout; lengths in em. */
export interface Metrics {
  /** Width of a line of text without kerning. Throws RequestError for a character the font lacks. */
  width(text: string, face: Face): number
  /** Zero for blanks. */
  ink(text: string, face: Face): Ink
  readonly capitalHeight: number
  /** Ascent, for d and brackets. */
  readonly ascent: number
  /** Descent, for g and y. */
  readonly descent: number
}
