// Text whose ink would leave the page -> moved inside, so that no writer cuts a bracket, an accent or the slant of an f. The
// layout places text by its advance and by the heights of common letters, which some glyphs exceed.
import type { DisplayItem, Ink, Metrics, TextItem } from './display.ts'
import { movedAll } from './block.ts'

export interface PageItems {
  readonly items: readonly DisplayItem[]
  /** By how much everything was moved down, and by how much the page is higher, in points. */
  readonly down: number
  readonly higher: number
}

/**
 * Text moves sideways where it leaves the page left or right; what leaves it above or below makes the page higher, in
 * whole dots, so that images stay on them.
 */
export function insidePage(
  items: readonly DisplayItem[],
  width: number,
  height: number,
  dot: number,
  metrics: Metrics,
): PageItems {
  const placed = items.map((item) => (item.kind === 'text' ? sideways(item, width, metrics) : item))
  const inks = placed.flatMap((item) => (item.kind === 'text' ? inkOf(item, metrics) : []))
  const dots = (length: number) => Math.ceil(length / dot - 1e-6) * dot
  const down = dots(Math.max(0, ...inks.map(({ top }) => -top)))
  const below = dots(Math.max(0, ...inks.map(({ bottom }) => bottom - height)))
  return { items: down > 0 ? movedAll(placed, 0, down) : placed, down, higher: down + below }
}

function sideways(item: TextItem, width: number, metrics: Metrics): TextItem {
  const { left, right } = inkOf(item, metrics)
  const by = Math.max(0, -left) || Math.min(0, width - right)
  return by === 0 ? item : { ...item, x: item.x + by }
}

/** The rectangle of a text's ink on the page, in points. */
export function inkOf({ text, face, size, x, y, anchor, turned }: TextItem, metrics: Metrics): Ink {
  const ink = metrics.ink(text, face)
  const before = { start: 0, middle: metrics.width(text, face) / 2, end: metrics.width(text, face) }[anchor]
  const [from, to] = [(ink.left - before) * size, (ink.right - before) * size]
  const [top, bottom] = [ink.top * size, ink.bottom * size]
  return turned
    ? { left: x + top, right: x + bottom, top: y - to, bottom: y - from }
    : { left: x + from, right: x + to, top: y + top, bottom: y + bottom }
}
