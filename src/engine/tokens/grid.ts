// A grid of tokens, and the record of each draw if the tokens were sampled.

/** One image's 256 tokens in raster order. */
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

export const isDrawn = (grid: TokenGrid): grid is DrawnGrid => 'ranks' in grid

export function emptyGrid(tokens: number): DrawnGrid {
  return {
    tokens: new Int32Array(tokens),
    logProbabilities: new Float32Array(tokens),
    ranks: new Int32Array(tokens),
    entropies: new Float32Array(tokens),
  }
}
