// A number on either side of zero -> a colour: blue below, grey at zero, orange above; told apart by colour-blind people.
import type { Rgb } from './oklch.ts'

/** Ends and middle, as light as each other on both sides, so that neither looks like more. */
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

/** The largest absolute value, at least 1: both sides have one scale. */
export const divergingReach = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 1)

export const divergingGradient = `linear-gradient(to right, ${[BELOW, MIDDLE, ABOVE].map((rgb) => `rgb(${rgb.join(' ')})`).join(', ')})`
