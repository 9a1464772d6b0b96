// Points in the plane coloured by group, without axes: coordinates in a cluster map have no meaning of their
// own.
import { RequestError } from '../../errors.ts'
import { fitted, GAP, movedAll, textWidth, words, type Block, type Setting } from '../block.ts'
import { GREY, paletteColour } from '../colour.ts'
import type { DisplayItem } from '../display.ts'
import type { PanelOf } from '../panels.ts'

/** Fraction of the span kept free around the points. */
const MARGIN = 0.03

export function mapPanel(panel: PanelOf<'map'>, width: number, setting: Setting): Block {
  const { size, metrics } = setting
  const { points, groups, names } = panel
  if (points.length === 0) throw new RequestError('the map has no points')
  const stranger = points.findIndex(([, , group]) => group >= groups.length)
  if (stranger >= 0)
    throw new RequestError(
      `point ${stranger}: group ${points[stranger]![2]} does not exist (found ${groups.length} groups)`,
    )
  const head = legendLine(groups, width, setting)
  const range = (axis: 0 | 1) => {
    const values = points.map((point) => point[axis])
    const low = values.reduce((a, b) => Math.min(a, b), Infinity)
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity)
    return { low, span: high - low || 1 }
  }
  const [xs, ys] = [range(0), range(1)]
  // One scale for both axes: distances in the map are meaningful.
  const height = Math.min(width * 0.9, Math.max(width * 0.4, (width * ys.span) / xs.span))
  const scale = Math.min(width / xs.span, height / ys.span) * (1 - 2 * MARGIN)
  const place = (i: number): readonly [number, number] => {
    const [x, y] = points[i]!
    return [width / 2 + (x - xs.low - xs.span / 2) * scale, height / 2 - (y - ys.low - ys.span / 2) * scale]
  }
  const radius = size * Math.min(0.22, Math.max(0.06, 4 / Math.sqrt(points.length)))
  const items: DisplayItem[] = points.map(([, , group], i) => {
    const [x, y] = place(i)
    return { kind: 'disc', x, y, radius, fill: paletteColour(group) }
  })
  for (const { point, label } of names) {
    if (point >= points.length)
      throw new RequestError(`label of point ${point}: no such point (found ${points.length} points)`)
    const [x, y] = place(point)
    const small = size * 0.85
    const room = textWidth(setting, label, small) + radius + GAP * small
    const end = x + room > width
    const at = end ? x - radius - GAP * small : x + radius + GAP * small
    const anchor = end ? 'end' : 'start'
    items.push(words(label, at, y + (metrics.capitalHeight * small) / 2, { size: small, anchor }))
  }
  const frame = { kind: 'rect', x: 0, y: 0, width, height, stroke: GREY, lineWidth: 0.05 * size } as const
  return {
    height: head.height + height,
    items: [...head.items, ...movedAll([frame, ...items], 0, head.height)],
  }
}

/** Groups as coloured discs with their names, in as many lines as needed. */
function legendLine(groups: readonly string[], width: number, setting: Setting): Block {
  const { size, metrics } = setting
  const items: DisplayItem[] = []
  const step = (metrics.ascent + metrics.descent + 0.1) * size
  let [x, y] = [0, metrics.ascent * size]
  groups.forEach((group, i) => {
    const label = fitted(setting, group, width - size, size)
    const room = size + textWidth(setting, label, size)
    if (x > 0 && x + room > width) [x, y] = [0, y + step]
    const middle = y - (metrics.capitalHeight * size) / 2
    items.push({ kind: 'disc', x: x + 0.35 * size, y: middle, radius: 0.28 * size, fill: paletteColour(i) })
    items.push(words(label, x + 0.9 * size, y, { size }))
    x += room + size
  })
  return { height: y + metrics.descent * size + GAP * size, items }
}
