// A piece of a layout with known height but no position yet, and the text in it.
import { INK } from './colour.ts'
import type { Colour, DisplayItem, Face, Metrics, TextItem } from './display.ts'

/** Items from (0, 0) downwards, as wide as requested. */
export interface Block {
  readonly height: number
  readonly items: readonly DisplayItem[]
}

/** Context for laying out a panel. */
export interface Setting {
  readonly metrics: Metrics
  /** Text size in points; all other sizes follow from it. */
  readonly size: number
  readonly gutter: number
  note(sentence: string): void
}

/** Space between text and what it belongs to, in em. */
export const GAP = 0.35

export function moved(item: DisplayItem, dx: number, dy: number): DisplayItem {
  return item.kind === 'line'
    ? { ...item, points: item.points.map(([x, y]) => [x + dx, y + dy] as const) }
    : { ...item, x: item.x + dx, y: item.y + dy }
}

export const movedAll = (items: readonly DisplayItem[], dx: number, dy: number): readonly DisplayItem[] =>
  items.map((item) => moved(item, dx, dy))

export interface Words {
  readonly size: number
  readonly face?: Face
  readonly anchor?: TextItem['anchor']
  readonly turned?: boolean
  readonly fill?: Colour
}

/** Text whose baseline begins (is centred, ends) at (x, y). */
export const words = (
  text: string,
  x: number,
  y: number,
  { size, face = 'regular', anchor = 'start', turned = false, fill = INK }: Words,
): TextItem => ({
  kind: 'text',
  text,
  x,
  y,
  size,
  face,
  anchor,
  fill,
  ...(turned ? { turned } : {}),
})

export const textWidth = ({ metrics }: Setting, text: string, size: number, face: Face = 'regular'): number =>
  metrics.width(text, face) * size

/** The size, or a smaller one down to `least` of it, at which all these texts fit their space. */
export function sizeToFit(
  setting: Setting,
  texts: readonly string[],
  room: number,
  size: number,
  least = 0.75,
): number {
  const widest = Math.max(0, ...texts.map((text) => textWidth(setting, text, size)))
  return widest <= room ? size : size * Math.max(least, room / widest)
}

/** The text, or its beginning with an ellipsis if it is too wide; the author gets a note. */
export function fitted(
  setting: Setting,
  text: string,
  room: number,
  size: number,
  face: Face = 'regular',
): string {
  if (textWidth(setting, text, size, face) <= room) return text
  const letters = [...text]
  let short: string
  do {
    letters.pop()
    short = `${letters.join('').trimEnd()}…`
  } while (letters.length > 0 && textWidth(setting, short, size, face) > room)
  setting.note(`'${text}' was too wide and has been truncated`)
  return letters.length > 0 ? short : ''
}

/** Height of a line of text: the tallest letters and what hangs below the baseline. */
export const lineHeight = ({ metrics }: Setting, size: number): number =>
  (metrics.ascent + metrics.descent) * size
