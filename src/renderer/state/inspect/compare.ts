// Images side by side -> how each looks after the same share of its decoding, and where they differ.
import type { GridDetails, ImageDetails } from '../../../shared/contract/api.ts'
import { recipeGroups } from '../library/recipe.ts'

export const MOST_COLUMNS = 4

/** Steps in which a grid came to be: masked decoding's own, else one a token. */
export function stepsOf({ tokens, steps }: GridDetails): number {
  return steps ? Math.max(...steps) + 1 : tokens.length
}

/** Positions of the scrubber for these grids: as many as the one with most steps has. */
export const positionsOf = (grids: readonly GridDetails[]): number =>
  grids.reduce((most, grid) => Math.max(most, stepsOf(grid)), 1)

/** The step a grid is at when the scrubber is at `position` of `positions`: all begin and end together. */
export const stepAt = (grid: GridDetails, position: number, positions: number): number =>
  Math.round((stepsOf(grid) * position) / positions)

/** The tokens that were there after so many steps; -1 where none was yet. */
export function tokensAfter(grid: GridDetails, step: number): Int32Array {
  const { tokens, steps } = grid
  return tokens.map((token, cell) => ((steps ? steps[cell]! : cell) < step ? token : -1))
}

/** Cells whose token is another than in the first. */
export function differingCells(first: ArrayLike<number>, other: ArrayLike<number>): number[] {
  return Array.from(first).flatMap((token, cell) => (other[cell] === token ? [] : [cell]))
}

export interface DifferingRow {
  readonly title: string
  readonly label: string
  /** One a column; empty where the recipe does not have it. */
  readonly values: readonly string[]
}

/** Rows of the recipes that are not the same in all columns. */
export function differingRows(
  columns: readonly (ImageDetails | undefined)[],
  className: (index: number) => string,
): DifferingRow[] {
  const rows = new Map<string, { title: string; label: string; values: string[] }>()
  for (const [column, details] of columns.entries()) {
    if (!details) continue
    for (const { title, rows: recorded } of recipeGroups(details, className))
      for (const { label, value } of recorded) {
        const key = `${title}/${label}`
        const row = rows.get(key) ?? { title, label, values: columns.map(() => '') }
        row.values[column] = value
        rows.set(key, row)
      }
  }
  const known = columns.flatMap((details, i) => (details ? [i] : []))
  return [...rows.values()].filter(({ values }) => new Set(known.map((i) => values[i])).size > 1)
}
