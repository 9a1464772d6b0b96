// A signed number -> a color: blue below zero, gray at zero, orange above; color-blind safe.
import type { Rgb } from '../../shared/colour/oklch.ts'

/** Ends and middle. Both ends are equally light, so that neither looks larger. */
const [BELOW, MIDDLE, ABOVE]: readonly [Rgb, Rgb, Rgb] = [
  [33, 102, 172],
  [150, 150, 150],
  [217, 95, 2],
]

/** `share` -1..1. */
export function divergingColour(share: number): Rgb {
  const end = share < 0 ? BELOW : ABOVE
  const far = Math.min(1, Math.abs(share))
  const mix = (channel: 0 | 1 | 2) => Math.round(MIDDLE[channel] + (end[channel] - MIDDLE[channel]) * far)
  return [mix(0), mix(1), mix(2)]
}

/** The largest absolute value, at least 1, so that both sides share one scale. */
export const divergingReach = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 1)

export const divergingGradient = `linear-gradient(to right, ${[BELOW, MIDDLE, ABOVE].map((rgb) => `rgb(${rgb.join(' ')})`).join(', ')})`
