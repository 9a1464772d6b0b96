// Token grids -> how much of a codebook they use.

export interface CodeUsage {
  /** Entries that occur. */
  readonly used: number
  /** exp of the entropy of the entries' shares: as many equally frequent entries would be as diverse. */
  readonly perplexity: number
}

/** Throws RangeError if no grid has a token. */
export function codeUsage(grids: readonly ArrayLike<number>[]): CodeUsage {
  const counts = new Map<number, number>()
  let cells = 0
  for (const grid of grids)
    for (let i = 0; i < grid.length; i++, cells++) counts.set(grid[i]!, (counts.get(grid[i]!) ?? 0) + 1)
  if (cells === 0) throw new RangeError('no tokens')
  let entropy = 0
  for (const count of counts.values()) entropy -= (count / cells) * Math.log(count / cells)
  return { used: counts.size, perplexity: Math.exp(entropy) }
}
