// A number per token -> a color per token, on a perceptually uniform, color-blind-safe scale.
import type { Rgb } from '../../shared/colour/oklch.ts'

/** Ten samples of cividis (Nunez, Anderton, Renslow 2018): designed to look the same with and without color blindness. */
const CIVIDIS: readonly Rgb[] = [
  [0, 34, 78],
  [18, 53, 112],
  [59, 73, 108],
  [87, 93, 109],
  [112, 113, 115],
  [138, 134, 120],
  [165, 156, 116],
  [195, 179, 105],
  [225, 204, 85],
  [254, 232, 56],
]

/** Maps a layer's numbers to heat: the range of the scale and the position of a value on it. */
export interface HeatScale {
  readonly least: number
  readonly most: number
  /** Ranks use a logarithmic scale: the first ten matter more than the next thousand. */
  readonly logarithmic: boolean
}

/** `share` 0..1 along the scale -> color. */
export function heatColour(share: number): Rgb {
  const at = Math.min(1, Math.max(0, share)) * (CIVIDIS.length - 1)
  const from = Math.min(CIVIDIS.length - 2, Math.floor(at))
  const [low, high] = [CIVIDIS[from]!, CIVIDIS[from + 1]!]
  const mix = (channel: 0 | 1 | 2) => Math.round(low[channel] + (high[channel] - low[channel]) * (at - from))
  return [mix(0), mix(1), mix(2)]
}

/** The scale that spans `values`; a single value gets a scale of width 1. */
export function heatScale(values: ArrayLike<number>, logarithmic = false): HeatScale {
  let [least, most] = [Infinity, -Infinity]
  for (const value of Array.from(values)) {
    if (!Number.isFinite(value)) continue
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  if (!Number.isFinite(least)) return { least: 0, most: 1, logarithmic }
  return { least, most: most > least ? most : least + 1, logarithmic }
}

/** Position of a value on the scale, 0..1. */
export function heatShare(value: number, { least, most, logarithmic }: HeatScale): number {
  if (!logarithmic) return (value - least) / (most - least)
  return Math.log1p(value - least) / Math.log1p(most - least)
}

/** Heat of many values as RGBA pixels. */
export function heatPixels(values: ArrayLike<number>, scale: HeatScale): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(values.length * 4)
  for (let i = 0; i < values.length; i++)
    pixels.set([...heatColour(heatShare(values[i]!, scale)), 255], i * 4)
  return pixels
}

/** The scale as a CSS gradient, for legends. */
export const heatGradient = `linear-gradient(to right, ${CIVIDIS.map((rgb) => `rgb(${rgb.join(' ')})`).join(', ')})`
