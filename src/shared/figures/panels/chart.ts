// Curves over two axes: FID and IS over steps, trade-offs, linear probes; published values as horizontal
// lines.
import { RequestError } from '../../errors.ts'
import { fitted, GAP, lineHeight, textWidth, words, type Block, type Setting } from '../block.ts'
import { GREY, INK, RULE } from '../colour.ts'
import type { Colour, DisplayItem } from '../display.ts'
import type { PanelOf, Series } from '../panels.ts'
import { axisScale } from '../ticks.ts'
import { legendAbove, legendInside } from './chart-legend.ts'
import { curve, errorBars } from './curve.ts'
import type { Point } from './polyline.ts'

type ChartPanel = PanelOf<'chart'>

/** In em. */
const TICK = 0.35

export function chartPanel(panel: ChartPanel, width: number, setting: Setting): Block {
  const { metrics } = setting
  const protocols = new Set(panel.series.flatMap(({ protocol }) => protocol ?? []))
  if (protocols.size > 1)
    throw new RequestError(
      `cannot plot values of different protocols in one chart: ${[...protocols].join(' | ')}`,
    )
  const empty = panel.series.find(({ points }) => points.length === 0)
  if (empty) throw new RequestError(`series '${empty.label}': no points`)
  for (const { label, points, errors } of panel.series)
    if (errors && errors.length !== points.length)
      throw new RequestError(
        `series '${label}': found ${errors.length} errors for ${points.length} points, expected one per point (0 for none)`,
      )
  const size = setting.size
  const small = size * 0.9
  const data = panel.series.flatMap(({ points }) => points)
  const x = axisScale(
    panel.x,
    data.map(([value]) => value),
  )
  const ends = panel.series.flatMap(barEnds)
  const y = axisScale(panel.y, [
    ...data.map(([, value]) => value),
    ...ends.map(([, value]) => value).filter((value) => panel.y.scale !== 'log' || value > 0),
    ...panel.references.map((line) => line.y),
  ])

  const tickRoom = Math.max(...y.ticks.map(({ label }) => textWidth(setting, label, small)))
  const left = lineHeight(setting, size) + GAP * size + tickRoom + 2 * TICK * size
  const head = panel.legend === 'above' ? legendAbove(panel.series, left, width, setting) : undefined
  const top = (head?.height ?? 0) + (metrics.capitalHeight * small) / 2
  const right = width - Math.max(0.2 * size, textWidth(setting, x.ticks.at(-1)?.label ?? '', small) / 2)
  const bottom = top + width * panel.aspect
  if (right - left < 4 * size) throw new RequestError('the chart is too narrow for its axis labels')
  const place = ([a, b]: Point): Point => [left + x.at(a) * (right - left), bottom - y.at(b) * (bottom - top)]

  const items: DisplayItem[] = [...(head?.items ?? [])]
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
  let taken = -Infinity
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
    const half = textWidth(setting, label, small) / 2
    // A label that would touch the previous one is omitted; its tick stays.
    if (at - half < taken) continue
    items.push(words(label, at, below, { size: small, anchor: 'middle' }))
    taken = at + half + 0.3 * small
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
  /** A bar that reaches 0 or below has no end on a log axis: it extends to the axis. */
  const barEnd = ([a, b]: Point): Point =>
    panel.y.scale === 'log' && b <= 0 ? [place([a, data[0]![1]])[0], bottom] : place([a, b])
  panel.series.forEach((series, i) => {
    items.push(...errorBars(barEnds(series).map(barEnd), i, box, size))
    items.push(...curve(series, i, series.points.map(place), box, size))
  })
  if (panel.legend !== 'none' && panel.legend !== 'above') items.push(...legendInside(panel, box, setting))

  const xBaseline = below + metrics.descent * small + GAP * size + metrics.capitalHeight * size
  const middle = (left + right) / 2
  items.push(
    words(fitted(setting, panel.x.label, width, size), middle, xBaseline, { size, anchor: 'middle' }),
  )
  const yLabel = fitted(setting, panel.y.label, bottom - top, size)
  const turned = { size, anchor: 'middle', turned: true } as const
  items.push(words(yLabel, metrics.ascent * size, (top + bottom) / 2, turned))
  return { height: xBaseline + metrics.descent * size, items }
}

/** Two per point with an error: value - error and value + error. */
const barEnds = ({ points, errors = [] }: Series): Point[] =>
  points.flatMap(([a, b], i): Point[] => {
    const error = errors[i] ?? 0
    return error > 0
      ? [
          [a, b - error],
          [a, b + error],
        ]
      : []
  })

const line = (
  points: readonly Point[],
  stroke: Colour,
  lineWidth: number,
  dash?: readonly number[],
): DisplayItem => ({ kind: 'line', points, stroke, lineWidth, ...(dash ? { dash } : {}) })
