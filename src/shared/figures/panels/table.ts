// A table of results as in papers: three rules, no vertical lines, the best value of a column in bold.
import { RequestError } from '../../errors.ts'
import { lineHeight, words, type Block, type Setting } from '../block.ts'
import { INK } from '../colour.ts'
import type { DisplayItem, Face } from '../display.ts'
import type { PanelOf } from '../panels.ts'
import { minus } from '../ticks.ts'

type TablePanel = PanelOf<'table'>

/** Between columns, in em; both sides together at least half of it. */
const COLUMN_GAP = 1.4
/** Smallest readable size. */
const MIN_SIZE = 4.5
/** Heights of the rules of booktabs, in em. */
const HEAVY = 0.08
const LIGHT = 0.05

export const cellText = (value: string | number): string => minus(String(value))

/** Rows with the best value of a column, if the column states which direction is better. */
export function bestRows(panel: TablePanel, column: number): ReadonlySet<number> {
  const { best } = panel.columns[column]!
  const values = panel.rows.map((row) => leadingNumber(row[column]))
  const numbers = values.filter((value) => value !== undefined)
  if (!best || numbers.length === 0) return new Set()
  const winner = best === 'lowest' ? Math.min(...numbers) : Math.max(...numbers)
  return new Set(values.flatMap((value, row) => (value === winner ? [row] : [])))
}

/** `3.39`, `12.9 ± 0.2`: the number at the start of a cell. */
function leadingNumber(value: string | number | undefined): number | undefined {
  if (typeof value === 'number') return value
  const found = /^[-−]?\d+(\.\d+)?/.exec(value ?? '')?.[0]
  return found === undefined ? undefined : Number(found.replace('−', '-'))
}

export function tablePanel(panel: TablePanel, width: number, setting: Setting): Block {
  const { columns, rows } = panel
  const odd = rows.findIndex((row) => row.length !== columns.length)
  if (odd >= 0)
    throw new RequestError(`table row ${odd}: found ${rows[odd]!.length} cells, expected ${columns.length}`)
  const best = columns.map((_, c) => bestRows(panel, c))
  const face = (row: number, c: number): Face => (best[c]!.has(row) ? 'bold' : 'regular')
  /** In em. */
  const natural = columns.map(({ label }, c) =>
    Math.max(
      setting.metrics.width(label, 'regular'),
      ...rows.map((row, r) => setting.metrics.width(cellText(row[c]!), face(r, c))),
    ),
  )
  const em = natural.reduce((sum, w) => sum + w, 0) + COLUMN_GAP * 0.5 * columns.length
  const size = Math.min(setting.size, width / em)
  if (size < MIN_SIZE)
    throw new RequestError(
      `a table with ${columns.length} columns would need ${size.toFixed(1)} pt text; make it wider or shorten the text`,
    )
  if (size < setting.size) setting.note(`the table was set in ${size.toFixed(1)} pt to fit`)

  // Remaining space is shared between the columns; text is left-aligned, numbers right-aligned.
  const spare = width - natural.reduce((sum, w) => sum + w * size, 0)
  const gap = columns.length > 1 ? spare / columns.length : 0
  const lefts: number[] = []
  natural.reduce((x, w, c) => {
    lefts[c] = x
    return x + w * size + gap
  }, gap / 2)
  const isNumber = columns.map((_, c) => rows.every((row) => /^[-−–—]?$|^[-−]?\d/.test(cellText(row[c]!))))
  const at = (text: string, c: number, y: number, style: Face): DisplayItem =>
    isNumber[c]
      ? words(text, lefts[c]! + natural[c]! * size, y, { size, face: style, anchor: 'end' })
      : words(text, lefts[c]!, y, { size, face: style })

  const items: DisplayItem[] = []
  const rule = (y: number, height: number): void =>
    void items.push({ kind: 'rect', x: 0, y, width, height: height * size, fill: INK })
  const { capitalHeight } = setting.metrics
  const step = lineHeight(setting, size) + 0.35 * size
  rule(0, HEAVY)
  let y = (HEAVY + 0.35 + capitalHeight) * size
  columns.forEach(({ label }, c) => items.push(at(label, c, y, 'regular')))
  y += setting.metrics.descent * size + 0.2 * size
  rule(y, LIGHT)
  y += (LIGHT + 0.4 + capitalHeight) * size
  rows.forEach((row, r) => {
    if (panel.rules.includes(r)) {
      rule(y - (capitalHeight + 0.25) * size, LIGHT)
      y += 0.3 * size
    }
    row.forEach((value, c) => items.push(at(cellText(value), c, y, face(r, c))))
    y += step
  })
  y -= step - setting.metrics.descent * size - 0.3 * size
  rule(y, HEAVY)
  return { height: y + HEAVY * size, items }
}
