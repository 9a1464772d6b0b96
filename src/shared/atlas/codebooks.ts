// Result of comparing two codebooks on the same images.

export interface CodebookUse {
  readonly entries: number
  /** Entries with at least one cell. */
  readonly used: number
  /** exp of the entropy of usage. */
  readonly perplexity: number
  /** Mean squared distance to the centroids; absent if the tokens have no distances. */
  readonly quantisationError?: number
}

/** How entries of A are matched to entries of B: each to one; several may share one. */
export interface Matching {
  /**
   * `overlap`: the entry of B that most of A's cells have. `nearest`: the nearest centroid of B by L2, if
   * both codebooks have the same width.
   */
  readonly by: 'overlap' | 'nearest'
  /** [entries of A], -1 if an entry has no match (overlap: it is unused). */
  readonly match: Int32Array
  /** [entries of A]: share of the entry's cells that have the match in B; NaN if it is unused. */
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
  /**
   * Mutual information of the two tokens of a cell over the mean of their entropies: 1 if each determines the
   * other.
   */
  readonly normalisedMutualInformation: number
  /**
   * The same without what chance gives two codebooks of these sizes on these cells (Vinh et al. 2010): 0 for unrelated
   * codebooks. Absent in comparisons of 0.1.
   */
  readonly adjustedMutualInformation?: number
  readonly matchings: readonly Matching[]
}
