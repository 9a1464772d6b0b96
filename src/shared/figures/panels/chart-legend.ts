// The legend of a chart: above the axes in as many lines as needed, or on white in a corner.
import { fitted, GAP, lineHeight, movedAll, textWidth, words, type Block, type Setting } from '../block.ts'
import type { DisplayItem } from '../display.ts'
import type { PanelOf, Series } from '../panels.ts'
import { curve, mark } from './curve.ts'
import type { Box, Point } from './polyline.ts'

/** Length of a line in the legend, in em of its text. */
const SAMPLE = 1.8

/** Entries from `left` to `right`, one after another. */
export function legendAbove(series: readonly Series[], left: number, right: number, setting: Setting): Block {
  const size = setting.size * 0.9
  const items: DisplayItem[] = []
  let [x, y] = [left, 0]
  series.forEach((one, i) => {
    const label = fitted(setting, one.label, right - left - SAMPLE * size - GAP * size, size)
    const room = (SAMPLE + GAP) * size + textWidth(setting, label, size)
    if (x > left && x + room > right + 0.01) [x, y] = [left, y + lineHeight(setting, size) + 0.1 * size]
    items.push(...movedAll(entry(one, i, label, setting), x, y))
    x += room + size
  })
  return { height: y + lineHeight(setting, size) + GAP * size, items }
}

/** One line per series. */
export function legendInside(panel: PanelOf<'chart'>, box: Box, setting: Setting): readonly DisplayItem[] {
  const size = setting.size * 0.9
  const step = lineHeight(setting, size) + 0.1 * size
  const room = (box.right - box.left) * 0.9 - (SAMPLE + 1) * size
  const labels = panel.series.map(({ label }) => fitted(setting, label, room, size))
  const widest = Math.max(...labels.map((label) => textWidth(setting, label, size)))
  const [width, height] = [widest + (SAMPLE + GAP + 0.6) * size, labels.length * step + 0.2 * size]
  const x = panel.legend.endsWith('left') ? box.left + 0.3 * size : box.right - width
  const y = panel.legend.startsWith('top') ? box.top : box.bottom - height - 0.3 * size
  const rows = panel.series.flatMap((series, i) =>
    movedAll(entry(series, i, labels[i]!, setting), 0.3 * size, 0.1 * size + i * step),
  )
  return movedAll([{ kind: 'rect', x: 0, y: 0, width, height, fill: '#ffffff' }, ...rows], x, y)
}

/** A sample of the curve with its marker, and its label; as high as a line of text. */
function entry(series: Series, index: number, label: string, setting: Setting): readonly DisplayItem[] {
  const size = setting.size * 0.9
  const { ascent, capitalHeight } = setting.metrics
  const baseline = ascent * size
  const middle = baseline - (capitalHeight * size) / 2
  const ends: Point[] = [
    [0, middle],
    [SAMPLE * size, middle],
  ]
  const all = { left: 0, top: 0, right: SAMPLE * size, bottom: 2 * size }
  return [
    ...curve({ line: series.line, marks: false }, index, ends, all, setting.size),
    ...(series.marks ? [mark([(SAMPLE * size) / 2, middle], index, setting.size)] : []),
    words(label, (SAMPLE + GAP) * size, baseline, { size }),
  ]
}
