// The entries of a codebook -> a color each, so that entries near each other have similar colors. K = entries, D = width.
//
// The first three principal components become lightness, blue to yellow, and green to red of OKLab: in this order, because
// lightness and blue-yellow survive color blindness. Each component is replaced by its rank, which spreads the colors over
// the whole range however the entries are distributed, and keeps the order along each component.
import { mostChroma, oklabToRgb } from '../../shared/colour/oklch.ts'
import { principalComponents, projectRows } from './principal-components.ts'

/** Lightness of the first and the last rank: neither vanishes on a light or a dark page. */
const [DARKEST, LIGHTEST] = [0.34, 0.93]
/** Of the largest chroma that sRGB has in that direction. */
const REACH = 0.96
/** Exponent of the distance from gray: below 1, so that the middle of the ranks is not all gray. */
const SPREAD = 0.7
/** Relative to the variance of the first component. Less is rounding error without a direction. */
const NOISE = 1e-12

/**
 * @param entries [K, D]
 * @returns sRGB [K * 3]
 */
export function meaningColours(entries: Float32Array, D: number): Uint8Array {
  const K = entries.length / D
  const components = principalComponents(entries, D, 3)
  const along = projectRows(entries, components)
  const count = components.variances.length
  const ranks = [0, 1, 2].map((c) =>
    c < count && components.variances[c]! > NOISE * components.variances[0]!
      ? ranksOf(Float64Array.from({ length: K }, (_, k) => along[k * count + c]!))
      : new Float64Array(K).fill(0.5),
  )
  const colours = new Uint8Array(K * 3)
  for (let k = 0; k < K; k++) colours.set(colourAt(ranks[0]![k]!, ranks[1]![k]!, ranks[2]![k]!), k * 3)
  return colours
}

/** Ranks 0..1 along three components -> sRGB; the edge of the square of the last two is the edge of the gamut. */
export function colourAt(first: number, second: number, third: number) {
  const lightness = DARKEST + (LIGHTEST - DARKEST) * first
  const [yellow, red] = [2 * second - 1, 2 * third - 1]
  const length = Math.hypot(yellow, red)
  if (length === 0) return oklabToRgb(lightness, 0, 0)
  const [a, b] = [red / length, yellow / length]
  const radius = Math.max(Math.abs(yellow), Math.abs(red)) ** SPREAD
  const chroma = radius * REACH * mostChroma(lightness, a, b)
  return oklabToRgb(lightness, a * chroma, b * chroma)
}

/** (rank + 1/2) / N; equal values share the middle of their ranks. */
export function ranksOf(values: Float64Array): Float64Array {
  const N = values.length
  const order = Uint32Array.from({ length: N }, (_, i) => i).sort((i, j) => values[i]! - values[j]!)
  const ranks = new Float64Array(N)
  for (let from = 0; from < N;) {
    let to = from + 1
    while (to < N && values[order[to]!] === values[order[from]!]) to++
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + to) / 2 / N
    from = to
  }
  return ranks
}
