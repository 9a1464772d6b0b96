// Colours that print well and are safe for colour-blind readers: for series, clusters and maps.
import type { Colour } from './display.ts'

export const INK: Colour = '#000000'
export const GREY: Colour = '#767676'
export const RULE: Colour = '#d4d4d4'

/** Okabe and Ito's palette ("Color Universal Design", 2008) without its yellow, which is too faint for lines. */
export const PALETTE: readonly Colour[] = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#e69f00',
  '#5b5b5b',
  '#7a3e9d',
]
export const paletteColour = (index: number): Colour => PALETTE[index % PALETTE.length]!

/** `rrggbb`. */
export const hex = (rgb: readonly number[]): string =>
  rgb.map((channel) => channel.toString(16).padStart(2, '0')).join('')

/** A light colour of each token: hues by the golden angle, so that neighbouring numbers are far apart. */
export function tokenColour(token: number): readonly [number, number, number] {
  const hue = (token * 137.507764) % 360
  const lightness = 0.5 + 0.16 * (((token * 7) % 5) / 4)
  return hslToRgb(hue, 0.52, lightness)
}

function hslToRgb(hue: number, saturation: number, lightness: number): [number, number, number] {
  const reach = saturation * Math.min(lightness, 1 - lightness)
  const channel = (n: number): number => {
    const k = (n + hue / 30) % 12
    return Math.round(255 * (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  }
  return [channel(0), channel(8), channel(4)]
}

/** Sixteen colours of matplotlib's viridis at equal distances (van der Walt and Smith, CC0). */
const VIRIDIS = [
  [68, 1, 84],
  [72, 26, 108],
  [71, 47, 125],
  [65, 68, 135],
  [57, 86, 140],
  [49, 104, 142],
  [42, 120, 142],
  [35, 136, 142],
  [31, 152, 139],
  [34, 168, 132],
  [53, 183, 121],
  [84, 197, 104],
  [122, 209, 81],
  [165, 219, 54],
  [210, 226, 27],
  [253, 231, 37],
] as const

/** The colour map at 0 to 1. */
export function viridis(share: number): [number, number, number] {
  const at = Math.min(1, Math.max(0, share)) * (VIRIDIS.length - 1)
  const [low, high] = [VIRIDIS[Math.floor(at)]!, VIRIDIS[Math.min(Math.floor(at) + 1, VIRIDIS.length - 1)]!]
  const mix = (c: 0 | 1 | 2): number => Math.round(low[c] + (high[c] - low[c]) * (at % 1))
  return [mix(0), mix(1), mix(2)]
}
