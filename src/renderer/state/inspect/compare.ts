// Images side by side -> each at the same fraction of its decoding, and where they differ.
import type { GridDetails, ImageDetails } from '../../../shared/contract/api.ts'
import type { GridName } from '../../../shared/grid/layout.ts'
import { recipeGroups } from '../library/recipe.ts'

export const MOST_COLUMNS = 4

/** Decoding steps of a grid: those of masked decoding, else one per token. */
export function stepsOf({ tokens, steps }: GridDetails): number {
  return steps ? Math.max(...steps) + 1 : tokens.length
}

/** Scrubber positions for these grids: the largest number of steps among them. */
export const positionsOf = (grids: readonly GridDetails[]): number =>
  grids.reduce((most, grid) => Math.max(most, stepsOf(grid)), 1)

/** The step of a grid when the scrubber is at `position` of `positions`: all grids start and end together. */
export const stepAt = (grid: GridDetails, position: number, positions: number): number =>
  Math.round((stepsOf(grid) * position) / positions)

/** The tokens after a number of steps; -1 where not yet decoded. */
export function tokensAfter(grid: GridDetails, step: number): Int32Array {
  const { tokens, steps } = grid
  return tokens.map((token, cell) => ((steps ? steps[cell]! : cell) < step ? token : -1))
}

/** Cells whose token differs from the first. */
export function differingCells(first: ArrayLike<number>, other: ArrayLike<number>): number[] {
  return Array.from(first).flatMap((token, cell) => (other[cell] === token ? [] : [cell]))
}

/** Whether tokens of two images have the same meaning: by the hashes in their recipes, and grids of one size. */
export function isSameCodebook(a: ImageDetails, b: ImageDetails, grid: GridName): boolean {
  const hashOf = ({ recipe }: ImageDetails) => {
    const { vqgan, codebook, stage1 } = (recipe ?? {}) as {
      readonly vqgan?: unknown
      readonly codebook?: unknown
      readonly stage1?: unknown
    }
    // Sampled images do not name the codebook of their discriminative tokens.
    return grid === 'codes' ? vqgan : stage1 === undefined ? codebook : undefined
  }
  const [one, other] = [hashOf(a), hashOf(b)]
  const isKnown = one !== undefined && other !== undefined
  return (!isKnown || one === other) && a[grid]?.tokens.length === b[grid]?.tokens.length
}

export interface DifferingRow {
  readonly title: string
  readonly label: string
  /** One per column; empty if the recipe lacks it. */
  readonly values: readonly string[]
}

/** Recipe rows that differ between columns. */
export function differingRows(
  columns: readonly (ImageDetails | undefined)[],
  /** Names of the classes of each column. */
  classNames: readonly ((index: number) => string)[],
): DifferingRow[] {
  const rows = new Map<string, { title: string; label: string; values: string[] }>()
  for (const [column, details] of columns.entries()) {
    if (!details) continue
    for (const { title, rows: recorded } of recipeGroups(details, classNames[column]!))
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
