// Images in rows and columns with labels: the basis of most panels.
import { RequestError } from '../errors.ts'
import {
  fitted,
  GAP,
  lineHeight,
  movedAll,
  sizeToFit,
  textWidth,
  words,
  type Block,
  type Setting,
} from './block.ts'
import type { DisplayItem, PictureSource } from './display.ts'
import type { Region } from './image-ref.ts'

export interface Cell {
  readonly source: PictureSource
  /** Size of the content in pixels. */
  readonly width: number
  readonly height: number
  readonly crop?: Region
  /** Below the image. */
  readonly label?: string
  /** A shorter label for tables in which the full ones do not fit. */
  readonly short?: string
  /** Drawn over the image, given the image's size in points. */
  over?(width: number, height: number): readonly DisplayItem[]
}

export interface ImageTable {
  readonly columns: number
  /** In reading order; a position without a cell stays blank. */
  readonly cells: readonly (Cell | undefined)[]
  readonly rowLabels?: readonly string[] | undefined
  readonly columnLabels?: readonly string[] | undefined
}

/** Minimum useful width. */
const MIN_CELL = 1
/** Maximum share of the panel for horizontal row labels. */
const MAX_LABEL_SHARE = 0.3

/** Cells have the aspect of the first; other images are centred in their cell. */
export function imageTable(table: ImageTable, width: number, setting: Setting): Block {
  const { columns, cells, rowLabels = [], columnLabels = [] } = table
  const { size, gutter } = setting
  const rows = Math.ceil(cells.length / columns)
  refuseSurplus('row labels', rowLabels.length, rows, 'rows')
  refuseSurplus('column labels', columnLabels.length, columns, 'columns')
  const first = cells.find((cell) => cell !== undefined)
  if (!first) throw new RequestError('the panel has no images')
  const shape = first.height / first.width

  const cellWidth = (left: number) => (width - left - (columns - 1) * gutter) / columns
  const side = rowLabelRoom(rowLabels, cellWidth(turnedRoom(setting)) * shape, width, setting)
  const w = cellWidth(side.room)
  if (!(w >= MIN_CELL))
    throw new RequestError(
      `${columns} columns of images do not fit into ${width.toFixed(0)} pt; use fewer columns or a wider figure`,
    )
  const h = w * shape
  const items: DisplayItem[] = []
  let y = 0
  if (columnLabels.length > 0) {
    y = setting.metrics.ascent * size
    const head = sizeToFit(setting, columnLabels, w, size)
    columnLabels.forEach((label, c) => {
      const x = side.room + c * (w + gutter) + w / 2
      const text = fitted(setting, label, w + gutter, head)
      if (text) items.push(words(text, x, y, { size: head, anchor: 'middle' }))
    })
    y += setting.metrics.descent * size + GAP * size * 0.4
  }
  const { labels, small } = cellLabels(cells, w, setting)
  for (let row = 0; row < rows; row++) {
    const inRow = cells.slice(row * columns, (row + 1) * columns)
    const label = rowLabels[row]
    if (label) items.push(rowLabel(label, y, h, side, setting))
    inRow.forEach((cell, c) => {
      if (cell)
        items.push(...movedAll(cellItems(cell, row * columns + c, w, h), side.room + c * (w + gutter), y))
    })
    y += h
    if (inRow.some((cell) => cell?.label)) {
      const baseline = y + GAP * small + setting.metrics.ascent * small
      inRow.forEach((_, c) => {
        const x = side.room + c * (w + gutter) + w / 2
        const text = fitted(setting, labels[row * columns + c]!, w + gutter / 2, small)
        if (text) items.push(words(text, x, baseline, { size: small, anchor: 'middle' }))
      })
      y += GAP * small + lineHeight(setting, small) + (row < rows - 1 ? GAP * small : 0)
    }
    if (row < rows - 1) y += gutter
  }
  return { height: y, items }
}

/** Labels of the cells and their size: all full, or all short if one would be truncated. */
function cellLabels(
  cells: readonly (Cell | undefined)[],
  w: number,
  setting: Setting,
): { readonly labels: readonly string[]; readonly small: number } {
  const sized = (labels: readonly string[]) => ({
    labels,
    small: sizeToFit(setting, labels, w, setting.size * 0.9),
  })
  const whole = sized(cells.map((cell) => cell?.label ?? ''))
  const fits = whole.labels.every((label) => textWidth(setting, label, whole.small) <= w + setting.gutter / 2)
  return fits ? whole : sized(cells.map((cell) => cell?.short ?? cell?.label ?? ''))
}

function cellItems(cell: Cell, index: number, w: number, h: number): readonly DisplayItem[] {
  const scale = Math.min(w / cell.width, h / cell.height)
  const [width, height] = [cell.width * scale, cell.height * scale]
  const { source, crop } = cell
  const place = { x: 0, y: 0, width, height, cell: index }
  const image = { kind: 'image', ...place, source, ...(crop ? { crop } : {}) } as const
  return movedAll([image, ...(cell.over?.(width, height) ?? [])], (w - width) / 2, (h - height) / 2)
}

interface LabelSide {
  readonly room: number
  readonly turned: boolean
}

const turnedRoom = (setting: Setting): number => lineHeight(setting, setting.size) + GAP * setting.size

/** Row labels are rotated if they all fit the row height, otherwise horizontal on the left. */
function rowLabelRoom(labels: readonly string[], height: number, width: number, setting: Setting): LabelSide {
  if (!labels.some(Boolean)) return { room: 0, turned: false }
  const widest = Math.max(...labels.map((label) => textWidth(setting, label, setting.size)))
  if (widest <= height) return { room: turnedRoom(setting), turned: true }
  return { room: Math.min(widest, width * MAX_LABEL_SHARE) + 2 * GAP * setting.size, turned: false }
}

function rowLabel(label: string, top: number, height: number, side: LabelSide, setting: Setting) {
  const { size, metrics } = setting
  const middle = top + height / 2
  if (side.turned)
    return words(label, metrics.ascent * size, middle, { size, anchor: 'middle', turned: true })
  const right = side.room - 2 * GAP * size
  const text = fitted(setting, label, right, size)
  return words(text, right, middle + (metrics.capitalHeight * size) / 2, { size, anchor: 'end' })
}

function refuseSurplus(what: string, found: number, most: number, of: string): void {
  if (found > most) throw new RequestError(`found ${found} ${what} for ${most} ${of}`)
}
