// Many images -> one contact sheet, as laid out by torchvision's make_grid, with optional labels.
import { RequestError } from '../../shared/errors.ts'
import type { RgbImage } from './rgb-image.ts'
import { boxShrink, paste, whiteImage } from './pixels.ts'
import { CAPITAL_HEIGHT, drawText, fitText, textWidth, type TextStyle } from './text.ts'

export interface GridLabels {
  /** One bold line above everything. */
  readonly title?: string
  /** At the left of each row. */
  readonly rows?: readonly string[]
  /** Above each column. */
  readonly columns?: readonly string[]
  /** Under each image. */
  readonly cells?: readonly string[]
}

export interface GridOptions {
  /** In reading order; an image smaller than the largest is centred in its cell. */
  readonly images: readonly RgbImage[]
  /** @default 8, or fewer if there are fewer images */
  readonly columns?: number
  readonly labels?: GridLabels
  /** White pixels between images, and around them when nothing is labelled. @default 2 */
  readonly gap?: number
  /** Narrower cells are enlarged by a whole factor, with each pixel as a square. @default 1 */
  readonly minCell?: number
  /** Cells are shrunk by a whole factor until the sheet fits. @default 48 million, 144 MB */
  readonly maxPixels?: number
}

/**
 * The sheet: white, with dark grey text.
 * @throws RequestError if there are no images, or cells of one pixel exceed `maxPixels`
 */
export function imageGrid(options: GridOptions): RgbImage {
  const { images, columns = Math.min(8, images.length), labels = {}, gap = 2 } = options
  const { minCell = 1, maxPixels = 48e6 } = options
  if (images.length === 0) throw new RequestError('a grid needs at least one image')
  if (!Number.isInteger(columns) || columns < 1)
    throw new RequestError(`invalid number of grid columns: ${columns}`)
  const largest = {
    width: images.reduce((widest, { width }) => Math.max(widest, width), 1),
    height: images.reduce((tallest, { height }) => Math.max(tallest, height), 1),
  }
  const rows = Math.ceil(images.length / columns)
  let enlarge = Math.max(1, Math.ceil(minCell / largest.width))
  let shrink = 1
  let layout = gridLayout(largest, enlarge, columns, rows, gap, labels)
  while (layout.width * layout.height > maxPixels) {
    if (enlarge > 1) enlarge--
    else if (layout.cell.width * layout.cell.height > 1) shrink++
    else throw new RequestError(`a grid of ${images.length} images would exceed ${maxPixels} pixels`)
    layout = gridLayout(largest, enlarge / shrink, columns, rows, gap, labels)
  }
  const sheet = whiteImage(layout.width, layout.height)
  images.forEach((image, i) => {
    const shown = shrink > 1 ? boxShrink(image, shrink) : image
    const left = layout.left(i % columns) + ((layout.cell.width - shown.width * enlarge) >> 1)
    const top = layout.top(Math.floor(i / columns)) + ((layout.cell.height - shown.height * enlarge) >> 1)
    paste(sheet, shown, left, top, enlarge)
  })
  drawLabels(sheet, layout, columns, labels)
  return sheet
}

interface Size {
  readonly width: number
  readonly height: number
}

/** Positions in pixels. */
interface Layout extends Size {
  readonly cell: Size
  readonly margin: number
  readonly text: TextStyle
  readonly title: TextStyle
  readonly titleBaseline: number
  readonly columnBaseline: number
  /** Left edge of a column's images, top edge of a row's. */
  left(column: number): number
  top(row: number): number
}

/** Maximum length of labels, in em; longer ones are cut with an ellipsis. */
const MAX_ROW_LABEL = 18
const MAX_TITLE = 36

/** Absent labels take no space; text grows with the cells, from 11 to 16 pixels. */
function gridLayout(
  largest: Size,
  scale: number,
  columns: number,
  rows: number,
  gap: number,
  labels: GridLabels,
): Layout {
  const cell = { width: Math.ceil(largest.width * scale), height: Math.ceil(largest.height * scale) }
  const size = Math.min(16, Math.max(11, Math.round(cell.width / 14)))
  const em = (share: number): number => Math.round(size * share)
  const text = { size }
  const title = { size: em(1.25), bold: true }
  const labelled = Object.values(labels).some(isGiven)
  const margin = labelled ? Math.max(gap, size) : gap

  const titleBaseline = margin + Math.round(title.size * CAPITAL_HEIGHT)
  const belowTitle = isGiven(labels.title) ? titleBaseline + em(1) : margin
  const columnBaseline = belowTitle + Math.round(size * CAPITAL_HEIGHT)
  const firstTop = isGiven(labels.columns) ? columnBaseline + em(0.6) : belowTitle
  const rowLabel = longest(labels.rows ?? [], text, MAX_ROW_LABEL)
  const firstLeft = margin + (rowLabel > 0 ? rowLabel + em(0.8) : 0)
  const captionRoom = isGiven(labels.cells) ? em(1.9) : 0

  const right = firstLeft + columns * (cell.width + gap) - gap
  const titleRight = margin + longest(labels.title ? [labels.title] : [], title, MAX_TITLE)
  const bottom = firstTop + rows * (cell.height + captionRoom + gap) - gap
  return {
    cell,
    margin,
    text,
    title,
    titleBaseline,
    columnBaseline,
    width: Math.max(right, titleRight) + margin,
    height: bottom + margin - (captionRoom > 0 ? em(0.6) : 0), // space below a caption
    left: (column) => firstLeft + column * (cell.width + gap),
    top: (row) => firstTop + row * (cell.height + captionRoom + gap),
  }
}

function drawLabels(sheet: RgbImage, layout: Layout, columns: number, labels: GridLabels): void {
  const { cell, margin, text, title } = layout
  const capital = text.size * CAPITAL_HEIGHT
  const place = (label: string, left: number, width: number, baseline: number, align: 0.5 | 1): void => {
    const fitted = fitText(label, width, text)
    drawText(sheet, fitted, left + (width - textWidth(fitted, text)) * align, baseline, text)
  }
  if (labels.title) {
    const fitted = fitText(labels.title, sheet.width - 2 * margin, title)
    drawText(sheet, fitted, margin, layout.titleBaseline, title)
  }
  const columnInset = Math.round(text.size * 0.2)
  const centred = (label: string, column: number, baseline: number): void =>
    place(label, layout.left(column) + columnInset, cell.width - 2 * columnInset, baseline, 0.5)
  labels.columns?.forEach((label, column) => centred(label, column, layout.columnBaseline))
  labels.cells?.forEach((label, i) => {
    const under = layout.top(Math.floor(i / columns)) + cell.height
    centred(label, i % columns, under + Math.round(text.size * 0.5 + capital))
  })
  const rowLabel = longest(labels.rows ?? [], text, MAX_ROW_LABEL)
  labels.rows?.forEach((label, row) => {
    const middle = layout.top(row) + cell.height / 2
    place(label, margin, rowLabel, Math.round(middle + capital / 2), 1)
  })
}

function isGiven(label: string | readonly string[] | undefined): boolean {
  return label !== undefined && label.length > 0
}

/** Pixels of the longest text, at most `limit` em. */
function longest(texts: readonly string[], style: TextStyle, limit: number): number {
  const width = texts.reduce((widest, text) => Math.max(widest, textWidth(text, style)), 0)
  return Math.ceil(Math.min(width, limit * style.size))
}
