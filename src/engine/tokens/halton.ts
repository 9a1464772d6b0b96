// The order of a Halton sequence over a square grid: each cell is far from those before it. Source: build_halton_mask of
// valeoai/Halton-MaskGIT (Besnier et al., ICLR 2025), 08cfdae, whose points are those of bases 2 (rows) and 3 (columns).

/** The cells of a grid in this order. */
export function haltonOrder(side: number): Int32Array {
  const order = new Int32Array(side * side)
  const seen = new Set<number>()
  for (let n = 1; seen.size < order.length; n++) {
    const cell = Math.floor(mirrored(n, 2) * side) * side + Math.floor(mirrored(n, 3) * side)
    if (seen.has(cell)) continue
    order[seen.size] = cell
    seen.add(cell)
  }
  return order
}

/** The place of each cell in it. */
export function haltonPlaces(side: number): Int32Array {
  const places = new Int32Array(side * side)
  haltonOrder(side).forEach((cell, place) => (places[cell] = place))
  return places
}

/** The digits of n mirrored at the point: a whole number over a power of the base, divided once. */
function mirrored(n: number, base: number): number {
  let [numerator, denominator] = [0, 1]
  for (let rest = n; rest > 0; rest = Math.floor(rest / base)) {
    numerator = numerator * base + (rest % base)
    denominator *= base
  }
  return numerator / denominator
}
