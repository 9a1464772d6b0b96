// A grid whose rows or columns have labels: an image that goes or moves takes its whole row or column with it, so that no
// image ends up under the label of another.
import type { PanelInput } from '../../../shared/figures/panels.ts'
import type { Arrangement } from './arrange.ts'

type Grid = Extract<PanelInput, { kind: 'grid' }>
const LINES = ['row', 'column'] as const
type Line = (typeof LINES)[number]
type Place = Readonly<Record<Line, number>>

const placeOf = ({ columns }: Grid, cell: number): Place => ({
  row: Math.floor(cell / columns),
  column: cell % columns,
})
const cellOf = ({ columns }: Grid, { row, column }: Place): number => row * columns + column
const labelsOf = (grid: Grid, line: Line) => (line === 'row' ? grid.rowLabels : grid.columnLabels)
export const isLabelled = (grid: Grid): boolean =>
  LINES.some((line) => (labelsOf(grid, line) ?? []).length > 0)

/** The grid with its cells in this order, each by its former number; what belongs to a cell goes with it. */
function inOrder(grid: Grid, cells: readonly number[], more: Partial<Grid>): Grid {
  const { insets, cellLabels } = grid
  return {
    ...grid,
    ...more,
    images: cells.map((cell) => grid.images[cell]!),
    ...(cellLabels ? { cellLabels: cells.map((cell) => cellLabels[cell] ?? '') } : {}),
    ...(insets
      ? {
          insets: insets.flatMap((inset) => {
            const at = cells.indexOf(inset.cell)
            return at < 0 ? [] : { ...inset, cell: at }
          }),
        }
      : {}),
  }
}

/** Without the row of a cell or, where only columns have labels, its column; undefined if none would be left. */
export function withoutLine(grid: Grid, cell: number): Grid | undefined {
  const line = (grid.rowLabels ?? []).length > 0 ? 'row' : 'column'
  const at = placeOf(grid, cell)[line]
  const cells = [...grid.images.keys()].filter((other) => placeOf(grid, other)[line] !== at)
  if (cells.length === 0) return undefined
  const labels = labelsOf(grid, line)!.filter((_, i) => i !== at)
  return line === 'row'
    ? inOrder(grid, cells, { rowLabels: labels })
    : inOrder(grid, cells, { columnLabels: labels, columns: grid.columns - 1 })
}

/** Moves a cell within its row; the whole row or column where it would leave a label. */
export function movedLine(grid: Grid, from: number, to: number): Grid {
  const [a, b] = [placeOf(grid, from), placeOf(grid, to)]
  const line = a.row !== b.row ? 'row' : 'column'
  const count = line === 'row' ? Math.ceil(grid.images.length / grid.columns) : grid.columns
  const order = moved([...Array(count).keys()], a[line], b[line])
  const labels = labelsOf(grid, line) ?? []
  const isOwn = labels.length > 0
  const cells = [...grid.images.keys()].map((cell) => {
    const place = placeOf(grid, cell)
    if (!isOwn && line === 'column' && place.row !== a.row) return cell
    return cellOf(grid, { ...place, [line]: order[place[line]]! })
  })
  if (cells.some((cell) => cell >= grid.images.length)) return grid
  if (!isOwn) return inOrder(grid, cells, {})
  const next = order.map((i) => labels[i] ?? '')
  return inOrder(grid, cells, line === 'row' ? { rowLabels: next } : { columnLabels: next })
}

function moved<T>(list: T[], from: number, to: number): T[] {
  list.splice(to, 0, ...list.splice(from, 1))
  return list
}

/** The grid with more images after its own; rows of the same width keep their labels. */
export function joined(grid: Grid, { images, columns, rowLabels }: Arrangement): Grid {
  const all = { ...grid, images: [...grid.images, ...images] }
  if (!isLabelled(grid) && !rowLabels) return all
  const rows = grid.images.length / grid.columns
  const fits = Number.isInteger(rows) && (rowLabels === undefined || columns === grid.columns)
  const { rowLabels: own = [], ...rest } = all
  if (!fits) return rest
  return {
    ...rest,
    rowLabels: [...Array.from({ length: rows }, (_, i) => own[i] ?? ''), ...(rowLabels ?? [])],
  }
}
