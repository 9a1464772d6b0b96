// Attention of every layer -> how much each input position reaches one position through all layers.
// Source: Abnar and Zuidema, "Quantifying Attention Flow in Transformers", ACL 2020, section 3: the attention of a layer,
// averaged over heads, is mixed with the identity for the residual connection, (A + I) / 2, and multiplied through.

/**
 * `layers` from first to last, each [T, T] with rows of sum 1 -> row `position` of the rollout matrix [T], in float64.
 * The row is multiplied from the last layer down, which gives the same numbers as the product of all matrices.
 */
export function rolloutRow(layers: readonly ArrayLike<number>[], position: number, T: number): Float64Array {
  let row = new Float64Array(T)
  row[position] = 1
  for (const weights of layers.toReversed()) {
    const next = row.map((share) => share / 2)
    for (let from = 0; from < T; from++) {
      const half = row[from]! / 2
      if (half === 0) continue
      for (let to = 0; to < T; to++) next[to]! += half * weights[from * T + to]!
    }
    row = next
  }
  return row
}
