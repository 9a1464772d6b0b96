// The colors of tokens: which palettes there are, and one function that pages and figures share.
import { distinctColour } from './distinct.ts'
import type { Rgb } from './oklch.ts'

/**
 *   meaning      similar clusters have similar colors: principal components of the codebook
 *   appearance   the mean color of the patches of a cluster, from an atlas
 *   distinct     neighboring numbers have very different colors, which say nothing
 *   blue-yellow  the same without red and green
 */
export const TOKEN_PALETTES = ['meaning', 'appearance', 'distinct', 'blue-yellow'] as const
export type TokenPalette = (typeof TOKEN_PALETTES)[number]

/** Colors of a codebook's entries, RGB [entries * 3], for the palettes that depend on the codebook. */
export interface ColourTables {
  readonly meaning?: Uint8Array | undefined
  readonly appearance?: Uint8Array | undefined
}

export type Colouring = (token: number) => Rgb

/** Tokens that are not in the table have distinct colors; without patches, the meaning stands in for the appearance. */
export function colouringOf(palette: TokenPalette, tables: ColourTables = {}): Colouring {
  if (palette === 'distinct' || palette === 'blue-yellow') return (token) => distinctColour(token, palette)
  const table = tables[palette] ?? tables.meaning ?? new Uint8Array()
  return (token) => {
    const at = token * 3
    return at + 2 < table.length
      ? [table[at]!, table[at + 1]!, table[at + 2]!]
      : distinctColour(token, 'distinct')
  }
}

/** Colors of many tokens as RGBA pixels; -1, no token yet, is transparent. */
export function tokenPixels(tokens: ArrayLike<number>, colouring: Colouring): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(tokens.length * 4)
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!
    if (token >= 0) pixels.set([...colouring(token), 255], i * 4)
  }
  return pixels
}
