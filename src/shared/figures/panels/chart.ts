// Curves over two axes: FID and IS over steps, trade-offs, linear probes; published values as level lines.
import { RequestError } from '../../errors.ts'
import { fitted, GAP, lineHeight, movedAll, textWidth, words, type Block, type Setting } from '../block.ts'
import { GREY, INK, paletteColour, RULE } from '../colour.ts'
import type { Colour, DisplayItem } from '../display.ts'
import type { PanelOf, Series } from '../panels.ts'
import { axisScale } from '../ticks.ts'
import { clipped, thinned, type Point } from './polyline.ts'

type ChartPanel = PanelOf<'chart'>

const DASHES: Readonly<Record<Series['line'], readonly number[] | undefined>> = {
  solid: undefined,
  dashed: [3, 2],
  dotted: [0.8, 1.6],
  none: undefined,
}
/** All in em. */
const TICK = 0.35
const LINE = 0.14
const MARK = 0.27

export function chartPanel(panel: ChartPanel, width: number, setting: Setting): Block {
  const { metrics } = setting
  const protocols = new Set(panel.series.flatMap(({ protocol }) => protocol ?? []))
  if (protocols.size > 1)
    throw new RequestError(
      `values of different protocols do not go into one chart: ${[...protocols].join(' | ')}`,
    )
  const size = setting.size
  const small = size * 0.9
  const data = panel.series.flatMap(({ points }) => points)
  const x = axisScale(
    panel.x,
    data.map(([value]) => value),
  )
  const y = axisScale(panel.y, [...data.map(([, value]) => value), ...panel.references.map((line) => line.y)])

  const tickRoom = Math.max(...y.ticks.map(({ label }) => textWidth(setting, label, small)))
  const left = lineHeight(setting, size) + GAP * size + tickRoom + 2 * TICK * size
  const top = (metrics.capitalHeight * small) / 2
  const right = width - Math.max(0.2 * size, textWidth(setting, x.ticks.at(-1)?.label ?? '', small) / 2)
  const bottom = top + (right - left) * panel.aspect
  if (right - left < 4 * size) throw new RequestError('a chart is too narrow for its axis labels')
  const place = ([a, b]: Point): Point => [left + x.at(a) * (right - left), bottom - y.at(b) * (bottom - top)]

  const items: DisplayItem[] = []
  for (const { value, label } of y.ticks) {
    const at = place([data[0]![0], value])[1]
    items.push(
      line(
        [
          [left, at],
          [right, at],
        ],
        RULE,
        0.05 * size,
      ),
    )
    const baseline = at + (metrics.capitalHeight * small) / 2
    items.push(words(label, left - 2 * GAP * size, baseline, { size: small, anchor: 'end' }))
  }
  const below = bottom + TICK * size + GAP * size + metrics.capitalHeight * small
  for (const { value, label } of x.ticks) {
    const at = place([value, data[0]![1]])[0]
    items.push(
      line(
        [
          [at, bottom],
          [at, bottom + TICK * size],
        ],
        INK,
        0.07 * size,
      ),
    )
    items.push(words(label, at, below, { size: small, anchor: 'middle' }))
  }
  items.push(
    line(
      [
        [left, top],
        [left, bottom],
        [right, bottom],
      ],
      INK,
      0.08 * size,
    ),
  )
  for (const reference of panel.references) {
    const at = place([data[0]![0], reference.y])[1]
    items.push(
      line(
        [
          [left, at],
          [right, at],
        ],
        GREY,
        0.09 * size,
        [3, 2],
      ),
    )
    const text = fitted(setting, reference.label, right - left, small)
    items.push(words(text, right, at - 0.25 * size, { size: small, anchor: 'end', fill: GREY }))
  }
  const box = { left, top, right, bottom }
  panel.series.forEach((series, i) => items.push(...curve(series, i, series.points.map(place), box, size)))
  if (panel.legend !== 'none') items.push(...legend(panel, box, setting))

  const xBaseline = below + metrics.descent * small + GAP * size + metrics.capitalHeight * size
  const middle = (left + right) / 2
  items.push(
    words(fitted(setting, panel.x.label, width, size), middle, xBaseline, { size, anchor: 'middle' }),
  )
  const yLabel = fitted(setting, panel.y.label, bottom - top, size)
  const turned = { size, anchor: 'middle', turned: true } as const
  items.push(words(yLabel, metrics.capitalHeight * size, (top + bottom) / 2, turned))
  return { height: xBaseline + metrics.descent * size, items }
}

const line = (
  points: readonly Point[],
  stroke: Colour,
  lineWidth: number,
  dash?: readonly number[],
): DisplayItem => ({ kind: 'line', points, stroke, lineWidth, ...(dash ? { dash } : {}) })

interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

function curve(
  series: Series,
  index: number,
  points: readonly Point[],
  box: Box,
  size: number,
): readonly DisplayItem[] {
  const colour = paletteColour(index)
  const dash = DASHES[series.line]?.map((length) => length * size * 0.13)
  const lines =
    series.line === 'none'
      ? []
      : clipped(points, box).map((part) => line(thinned(part), colour, LINE * size, dash))
  const within = ([x, y]: Point) =>
    x >= box.left - 0.01 && x <= box.right + 0.01 && y >= box.top - 0.01 && y <= box.bottom + 0.01
  const marks = series.marks ? points.filter(within).map(([x, y]) => mark(x, y, index, size)) : []
  return [...lines, ...marks]
}

/** Discs and squares in turn, so that series can be told apart in black and white too. */
function mark(x: number, y: number, index: number, size: number): DisplayItem {
  const fill = paletteColour(index)
  const radius = MARK * size
  if (index % 2 === 0) return { kind: 'disc', x, y, radius, fill }
  const side = 1.75 * radius
  return { kind: 'rect', x: x - side / 2, y: y - side / 2, width: side, height: side, fill }
}

/** One line a series on white, in a corner of the axes. */
function legend(panel: ChartPanel, box: Box, setting: Setting): readonly DisplayItem[] {
  const size = setting.size * 0.9
  const { metrics } = setting
  const step = lineHeight(setting, size) + 0.3 * size
  const sample = 2.2 * size
  const labels = panel.series.map(({ label }) =>
    fitted(setting, label, (box.right - box.left) * 0.8 - sample, size),
  )
  const width = Math.max(...labels.map((label) => textWidth(setting, label, size))) + sample + 1.2 * size
  const height = labels.length * step + 0.4 * size
  const gap = 0.3 * size
  const x = panel.legend.endsWith('left') ? box.left + gap : box.right - width
  const y = panel.legend.startsWith('top') ? box.top : box.bottom - height - gap
  const rows = panel.series.flatMap((series, i) => {
    const baseline = 0.3 * size + i * step + metrics.capitalHeight * size
    const middle = baseline - (metrics.capitalHeight * size) / 2
    const ends: Point[] = [
      [0.3 * size, middle],
      [0.3 * size + sample, middle],
    ]
    const wide = { left: 0, top: 0, right: width, bottom: height }
    const shown = { ...series, marks: false }
    const drawn = curve(shown, i, ends, wide, setting.size)
    const centre = series.marks ? [mark(0.3 * size + sample / 2, middle, i, setting.size)] : []
    return [...drawn, ...centre, words(labels[i]!, 0.8 * size + sample, baseline, { size })]
  })
  return movedAll([{ kind: 'rect', x: 0, y: 0, width, height, fill: '#ffffff' }, ...rows], x, y)
}
