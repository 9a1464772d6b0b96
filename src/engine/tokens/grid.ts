// A grid of tokens, and the record of each draw if the tokens were sampled.
import type { GridName } from '../../shared/grid/layout.ts'

/** One grid of tokens in raster order. */
export interface TokenGrid {
  readonly tokens: Int32Array
  /** 1 where the token was pinned; absent if none was. */
  readonly pinned?: Uint8Array
}

/** Every array has one entry per token. For a pinned token, the values that the model gives it. */
export interface DrawnGrid extends TokenGrid {
  /** Natural log of the token's probability before top-k or top-p. */
  readonly logProbabilities: Float32Array
  /** How many tokens were more likely. */
  readonly ranks: Int32Array
  /** Entropy in nats of the distribution before top-k or top-p. */
  readonly entropies: Float32Array
  /** Masked decoding: the step (0-based) in which the token was fixed; 0 if pinned. */
  readonly steps?: Int32Array
}

/** The token layers of an image by name, in the order of sampling; the picture is made from all but discriminative ones. */
export type TokenLayers = Readonly<Record<string, TokenGrid>>
const FIRST: GridName = 'discriminative'

/** Codes of the picture: the only grid of them, or the finest of several scales. */
export const finestCodes = (layers: TokenLayers): TokenGrid => Object.values(layers).at(-1)!

/** All tokens that the picture is made from, the grids of several scales one after another. */
export function pictureGrid(layers: TokenLayers): TokenGrid {
  const grids = Object.entries(layers).flatMap(([name, grid]) => (name === FIRST ? [] : [grid]))
  const tokens = Int32Array.from(grids.flatMap((grid) => [...grid.tokens]))
  if (!grids.some(({ pinned }) => pinned)) return { tokens }
  const marks = grids.flatMap((grid) => [...(grid.pinned ?? new Uint8Array(grid.tokens.length))])
  return { tokens, pinned: Uint8Array.from(marks) }
}

/** Tokens of several grids, one after another -> a layer each. Throws RangeError if their number does not fit. */
export function splitLayers<G extends TokenGrid>(
  grid: G,
  layers: readonly { readonly name: string; readonly cells: number }[],
): Readonly<Record<string, G>> {
  const total = layers.reduce((sum, { cells }) => sum + cells, 0)
  if (total !== grid.tokens.length)
    throw new RangeError(`layers: wrong number of tokens (found ${grid.tokens.length}, expected ${total})`)
  let end = 0
  return Object.fromEntries(
    layers.map(({ name, cells }) => {
      const start = end
      end += cells
      const part = Object.entries(grid).map(([key, values]: [string, Int32Array]) => [
        key,
        values.slice(start, end),
      ])
      return [name, withoutEmpty(Object.fromEntries(part) as unknown as G)]
    }),
  )
}

/** The grid without marks of pinned tokens if none is. */
function withoutEmpty<G extends TokenGrid>(grid: G): G {
  const { pinned, ...others } = grid
  return pinned === undefined || pinned.includes(1) ? grid : (others as G)
}

export const isDrawn = (grid: TokenGrid): grid is DrawnGrid => 'ranks' in grid

export function emptyGrid(tokens: number): DrawnGrid {
  return {
    tokens: new Int32Array(tokens),
    logProbabilities: new Float32Array(tokens),
    ranks: new Int32Array(tokens),
    entropies: new Float32Array(tokens),
  }
}
