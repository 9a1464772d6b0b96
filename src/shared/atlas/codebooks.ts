// What a comparison of two codebooks over the same images tells.

export interface CodebookUse {
  readonly entries: number
  /** Entries with at least one cell. */
  readonly used: number
  /** exp of the entropy of usage. */
  readonly perplexity: number
  /** Mean squared distance to the centroids; absent where tokens came without distances. */
  readonly quantisationError?: number
}

/** How the entries of A are matched to those of B: each to one, several may share one. */
export interface Matching {
  /**
   * `overlap`: the entry of B that most of A's cells have. `nearest`: the centroid of B nearest by L2, where both
   * codebooks are equally wide.
   */
  readonly by: 'overlap' | 'nearest'
  /** [entries of A], -1 where an entry has no match (overlap: it is unused). */
  readonly match: Int32Array
  /** [entries of A]: share of the entry's cells that have the match in B; NaN where it is unused. */
  readonly share: Float32Array
  /** Entries of A whose match is matched back to them. */
  readonly mutual: number
  /** Share of all cells whose token in B is the match of their token in A. */
  readonly agreement: number
}

export interface CodebookComparison {
  readonly images: number
  readonly a: CodebookUse
  readonly b: CodebookUse
  /** Mutual information of the two tokens of a cell over the mean of their entropies: 1 when each tells the other. */
  readonly normalisedMutualInformation: number
  readonly matchings: readonly Matching[]
}
