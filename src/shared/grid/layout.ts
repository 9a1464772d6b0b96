// The token layers of an image: their names, grids and vocabularies, one row per model family. The number of cells is
// defined nowhere else; readers get it from the models, from a record (`gridOfCells`), or from here.
import * as z from 'zod'
import { gridOfSide, type GridShape } from './shape.ts'

/** One token layer of an image: a grid with one token per cell. */
export interface TokenLayer {
  readonly name: string
  readonly grid: GridShape
  /** Upper limit: tokens are 0 to vocabulary - 1. The models determine the actual number. */
  readonly vocabulary: number
}

/** In the order of sampling; pixels are made from the last one. */
export type ImageLayout = readonly [TokenLayer, ...TokenLayer[]]

/** DiGIT: K-Means clusters of the encoder's features, then the VQGAN's codes. Both grids have the same cells. */
const DIGIT = [
  { name: 'discriminative', grid: gridOfSide(16), vocabulary: 2 ** 16 },
  { name: 'codes', grid: gridOfSide(16), vocabulary: 2 ** 16 },
] as const satisfies ImageLayout

export const LAYOUTS = { digit: DIGIT } as const satisfies Readonly<Record<string, ImageLayout>>

/** The name of a layer. */
export type GridName = (typeof DIGIT)[number]['name']
export const GRID_NAMES = DIGIT.map(({ name }) => name) as [GridName, ...GridName[]]
/** The layer of this name. */
export const layerOf = (name: GridName): TokenLayer => DIGIT.find((layer) => layer.name === name)!
export const GridNameSchema = z.enum(GRID_NAMES)

/** The grid of an image of DiGIT, for its models and for files that name no layout. */
export const DIGIT_GRID: GridShape = DIGIT[0].grid
/** A cell of it. */
export const CellSchema = z
  .number()
  .int()
  .min(0)
  .max(DIGIT_GRID.cells - 1)
/** The largest token of any layer. */
export const MAX_TOKEN =
  Math.max(...Object.values(LAYOUTS).flatMap((rows) => rows.map((row) => row.vocabulary))) - 1

/** Sides of the scales that VAR draws for 256 px, from coarse to fine; no tensor says them. */
export const SCALE_SIDES: readonly number[] = [1, 2, 3, 4, 5, 6, 8, 10, 13, 16]
/** The layer of one of several scales of codes: `scale_13` has 13 x 13. */
export const scaleName = (side: number): string => `scale_${side}`
/** Whose entries the tokens of a layer are: those of all scales are codes. */
export const entriesOf = (layer: string): GridName => (layer === 'discriminative' ? layer : 'codes')
/** What a layer may be called: its name is that of an array, a column and a file. */
export const LAYER_NAME = /^[a-z][a-z0-9_]{0,63}$/
export const LayerNameSchema = z.string().regex(LAYER_NAME)

/** The smallest array type for tokens below `vocabulary`. */
export const tokenArray = (vocabulary: number) => (vocabulary > 2 ** 16 ? Uint32Array : Uint16Array)
