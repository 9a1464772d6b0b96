// The scales of an image that was drawn from coarse to fine (VAR).
import type { GridDetails, ImageDetails } from '../../../shared/contract/api.ts'
import { gridOfCells, type GridShape } from '../../../shared/grid/shape.ts'

/** One of several grids of codes. */
export interface Scale {
  readonly name: string
  readonly grid: GridDetails
  readonly shape: GridShape
}

type WithScales = ImageDetails & { readonly scales?: Readonly<Record<string, GridDetails>> }

/** From coarse to fine; none for an image with one grid of codes. */
export const scalesOf = (details: WithScales | undefined): readonly Scale[] =>
  Object.entries(details?.scales ?? {}).map(([name, grid]) => ({
    name,
    grid,
    shape: gridOfCells(grid.tokens.length),
  }))
