// The grids of VAR's scales: their sides, and where the codes of each are among those of all.

/** Sides of the scales of 256 px; no tensor says them. */
export const SCALES: readonly number[] = [1, 2, 3, 4, 5, 6, 8, 10, 13, 16]

/** Codes of all scales. */
export const cellsOf = (sides: readonly number[]): number => sides.reduce((sum, side) => sum + side ** 2, 0)

/** The first code of each scale. */
export const startsOf = (sides: readonly number[]): number[] =>
  sides.map((_, k) => cellsOf(sides.slice(0, k)))
