// The grids of VAR's scales: where the codes of each are among those of all.
import { scaleName } from '../../shared/grid/layout.ts'

/** Codes of all scales. */
export const cellsOf = (sides: readonly number[]): number => sides.reduce((sum, side) => sum + side ** 2, 0)

/** The first code of each scale. */
export const startsOf = (sides: readonly number[]): number[] =>
  sides.map((_, k) => cellsOf(sides.slice(0, k)))

/** One of the grids of codes that a picture is made from. */
export interface CodeLayer {
  readonly name: string
  readonly cells: number
}

/** The layer of each scale. */
export const scaleLayers = (sides: readonly number[]): readonly CodeLayer[] =>
  sides.map((side) => ({ name: scaleName(side), cells: side ** 2 }))
