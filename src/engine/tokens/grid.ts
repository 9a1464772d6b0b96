// A grid of tokens, and what is recorded of each draw where the tokens were drawn.

/** One image's 256 tokens in raster order. */
export interface TokenGrid {
  readonly tokens: Int32Array
  /** 1 where the token was pinned and not drawn; absent where none was. */
  readonly pinned?: Uint8Array
}

/** Every array has one entry a token. Of a pinned token it says what the model thought of it. */
export interface DrawnGrid extends TokenGrid {
  /** Natural log of the drawn token's probability before anything was cut off. */
  readonly logProbabilities: Float32Array
  /** How many tokens were more likely. */
  readonly ranks: Int32Array
  /** Entropy in nats of the distribution before anything was cut off. */
  readonly entropies: Float32Array
  /** Masked decoding: the step (0-based) in which the token was settled; 0 where it was pinned. */
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
