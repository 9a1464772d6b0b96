// One series of a chart: its line, clipped at the axes, and its markers.
import { paletteColour } from '../colour.ts'
import type { DisplayItem } from '../display.ts'
import type { Series } from '../panels.ts'
import { clipped, thinned, type Box, type Point } from './polyline.ts'

/** In em, as widths and marks are. */
const DASHES: Readonly<Record<Series['line'], readonly number[] | undefined>> = {
  solid: undefined,
  dashed: [0.39, 0.26],
  dotted: [0.1, 0.21],
  none: undefined,
}
const LINE = 0.14
const MARK = 0.27
const BAR = 0.08
const CAP = 0.22

/** @param points page positions of the series' points */
export function curve(
  { line, marks }: Pick<Series, 'line' | 'marks'>,
  index: number,
  points: readonly Point[],
  box: Box,
  size: number,
): readonly DisplayItem[] {
  const dash = DASHES[line]?.map((length) => length * size)
  const stroke = paletteColour(index)
  const parts = line === 'none' ? [] : clipped(points, box)
  const lines = parts.map((part): DisplayItem => ({
    kind: 'line',
    points: thinned(part),
    stroke,
    lineWidth: LINE * size,
    ...(dash ? { dash } : {}),
  }))
  const within = ([x, y]: Point) =>
    x >= box.left - 0.01 && x <= box.right + 0.01 && y >= box.top - 0.01 && y <= box.bottom + 0.01
  return [...lines, ...(marks ? points.filter(within).map((point) => mark(point, index, size)) : [])]
}

/** @param ends page positions of the error bar ends, two per bar; caps are drawn at ends inside the box */
export function errorBars(
  ends: readonly Point[],
  index: number,
  box: Box,
  size: number,
): readonly DisplayItem[] {
  const line = (points: readonly Point[]): DisplayItem => ({
    kind: 'line',
    points,
    stroke: paletteColour(index),
    lineWidth: BAR * size,
  })
  const within = ([x, y]: Point) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom
  const cap = ([x, y]: Point) =>
    line([
      [x - CAP * size, y],
      [x + CAP * size, y],
    ])
  const bars = ends.flatMap((end, i) => (i % 2 === 0 ? clipped([end, ends[i + 1]!], box) : []))
  return [...bars.map(line), ...ends.filter(within).map(cap)]
}

/** Discs and squares in turn, so that series can be distinguished in black and white. */
export function mark([x, y]: Point, index: number, size: number): DisplayItem {
  const fill = paletteColour(index)
  const radius = MARK * size
  if (index % 2 === 0) return { kind: 'disc', x, y, radius, fill }
  const side = 1.75 * radius
  return { kind: 'rect', x: x - side / 2, y: y - side / 2, width: side, height: side, fill }
}
