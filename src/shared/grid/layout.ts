// The layers of tokens of an image: their names, grids and vocabularies, one row a family of models. Nothing else says
// how many cells a grid has; readers take it from the models, from a record (`gridOfCells`), or from here.
import { z } from 'zod'
import { gridOfSide, type GridShape } from './shape.ts'

/** One layer of an image's tokens: a grid each of whose cells holds one token. */
export interface TokenLayer {
  readonly name: string
  readonly grid: GridShape
  /** Tokens are 0 to vocabulary - 1 at most; how many there are is the models' to say. */
  readonly vocabulary: number
}

/** In the order in which they are drawn, the one that pixels are made of last. */
export type ImageLayout = readonly [TokenLayer, ...TokenLayer[]]

/**
 * DiGIT: K-Means clusters of the encoder's features, then the VQGAN's codes. One grid covers the other, so their
 * cells are the same.
 */
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
/** The largest token of any layer. */
export const MAX_TOKEN =
  Math.max(...Object.values(LAYOUTS).flatMap((rows) => rows.map((row) => row.vocabulary))) - 1

/** Elements that hold every token below `vocabulary` in the least space. */
export const tokenArray = (vocabulary: number) => (vocabulary > 2 ** 16 ? Uint32Array : Uint16Array)
