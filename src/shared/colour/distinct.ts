// Token id -> color without a meaning: the same on every machine, and far from the colors of neighboring ids.
//
// Ids have no meaningful order, so neighboring ids should differ most. A low-discrepancy sequence
// does that: point i of the additive recurrence frac(i / g^k) (Roberts 2018, g the root of g^(d+1) = g + 1)
// is far from all earlier points, for any number of points, with nothing to store or learn.
//
//   distinct  d = 3: hue, lightness 0.36..0.92, chroma from a quarter to all that sRGB holds there. The square
//             root over chroma spreads points evenly over the disc instead of crowding them around gray.
//   blue-yellow  d = 2: lightness 0.2..0.95 and the blue-yellow axis of OKLab alone. Red-green blindness, 99% of
//             color blindness, leaves both untouched; about a tenth as many colors are distinguishable.
import { mostChroma, oklabToRgb, type Rgb } from './oklch.ts'

export const DISTINCT_PALETTES = ['distinct', 'blue-yellow'] as const
export type DistinctPalette = (typeof DISTINCT_PALETTES)[number]

/** Roots of g^(d+1) = g + 1. */
const PLASTIC_2 = 1.324717957244746
const PLASTIC_3 = 1.2207440846057596

/** The color of a token: a pure function of its id. */
export function distinctColour(id: number, palette: DistinctPalette): Rgb {
  const known = KNOWN[palette].get(id)
  if (known) return known
  const colour = palette === 'distinct' ? fullColour(id) : blueYellowColour(id)
  KNOWN[palette].set(id, colour)
  return colour
}

const KNOWN: Record<DistinctPalette, Map<number, Rgb>> = { distinct: new Map(), 'blue-yellow': new Map() }

function fullColour(id: number): Rgb {
  const hue = 2 * Math.PI * part(id, PLASTIC_3, 2, 0.1)
  const lightness = 0.36 + 0.56 * part(id, PLASTIC_3, 1, 0.6)
  const [a, b] = [Math.cos(hue), Math.sin(hue)]
  const chroma = mostChroma(lightness, a, b) * Math.sqrt(0.06 + 0.94 * part(id, PLASTIC_3, 3, 0.8))
  return oklabToRgb(lightness, a * chroma, b * chroma)
}

function blueYellowColour(id: number): Rgb {
  const lightness = 0.2 + 0.75 * part(id, PLASTIC_2, 1, 0.5)
  const side = 2 * part(id, PLASTIC_2, 2, 0.5) - 1
  const direction = side < 0 ? -1 : 1
  return oklabToRgb(lightness, 0, side * mostChroma(lightness, 0, direction))
}

/** Starting points chosen from a few dozen for the largest minimum distance among the first 32, 64, 128 and 512 colors. */
const part = (id: number, root: number, power: number, start: number) => (start + id / root ** power) % 1
