// Display items -> pixels of a band of the page, in the order of the list.
import type { Colour, DisplayItem, Shape, TextItem } from '../../shared/figures/display.ts'
import type { Pixels } from '../../shared/figures/pictures.ts'
import { fillPolygons, flattened, type Point } from '../images/index.ts'
import type { FontSet } from './fonts.ts'

/** Rows `top` to `top + height` of a page with `scale` pixels per point. */
export interface Band extends Pixels {
  readonly top: number
  readonly scale: number
}

/** Steps around a disc: at 600 dpi the chord of a mark is off by less than 1/50 pixel. */
const DISC_STEPS = 40

export function drawShape(band: Band, item: Shape, fonts: FontSet): void {
  switch (item.kind) {
    case 'rect':
      if (item.fill)
        fill(band, [corners(item.x, item.y, item.x + item.width, item.y + item.height)], item.fill)
      if (item.stroke) for (const side of sides(item, item.lineWidth ?? 1)) fill(band, [side], item.stroke)
      return
    case 'line':
      for (const polygon of strokes(item.points, item.lineWidth, item.dash))
        fill(band, [polygon], item.stroke)
      return
    case 'disc':
      return fill(band, [circle(item.x, item.y, item.radius)], item.fill)
    case 'text':
      return drawWords(band, item, fonts)
  }
}

/** Copies an image, already at its final size, to pixel (left, top) of the page. */
export function pasteRows(band: Band, { rgb, width, height }: Pixels, left: number, top: number): void {
  const first = Math.max(top, band.top)
  const last = Math.min(top + height, band.top + band.height)
  const columns = Math.min(width, band.width - left)
  for (let y = first; y < last; y++) {
    const from = (y - top) * width * 3
    band.rgb.set(rgb.subarray(from, from + columns * 3), ((y - band.top) * band.width + left) * 3)
  }
}

/** Rows of the page, in pixels, that an item may touch. */
export function itemRows(item: DisplayItem, scale: number): readonly [number, number] {
  const rows = (top: number, bottom: number): [number, number] => [
    Math.floor(top * scale) - 1,
    Math.ceil(bottom * scale) + 1,
  ]
  switch (item.kind) {
    case 'image':
      return rows(item.y, item.y + item.height)
    case 'rect': {
      const half = item.stroke ? (item.lineWidth ?? 1) / 2 : 0
      return rows(item.y - half, item.y + item.height + half)
    }
    case 'line': {
      const ys = item.points.map(([, y]) => y)
      return rows(Math.min(...ys) - item.lineWidth, Math.max(...ys) + item.lineWidth)
    }
    case 'disc':
      return rows(item.y - item.radius, item.y + item.radius)
    case 'text': {
      // No letter is wider than two em, or extends more than that up or down.
      const reach = item.turned ? item.text.length * 2 * item.size : 2 * item.size
      return rows(item.y - reach, item.y + reach)
    }
  }
}

function fill(band: Band, polygons: readonly (readonly Point[])[], colour: Colour): void {
  const { scale, top } = band
  const inPixels = polygons.map((polygon) => polygon.map(([x, y]): Point => [x * scale, y * scale - top]))
  fillPolygons(band, inPixels, channels(colour))
}

const channels = (colour: Colour): [number, number, number] => {
  const value = parseInt(colour.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

const corners = (left: number, top: number, right: number, bottom: number): Point[] => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
]

/** The outline of a rectangle as four bars that do not overlap, with mitred corners. */
function sides(
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
  lineWidth: number,
): Point[][] {
  const half = lineWidth / 2
  const [left, top, right, bottom] = [x - half, y - half, x + width + half, y + height + half]
  return [
    corners(left, top, right, top + lineWidth),
    corners(left, bottom - lineWidth, right, bottom),
    corners(left, top + lineWidth, left + lineWidth, bottom - lineWidth),
    corners(right - lineWidth, top + lineWidth, right, bottom - lineWidth),
  ]
}

/** Each segment as a bar, with round joins between them and flat ends. */
function strokes(points: readonly Point[], lineWidth: number, dash?: readonly number[]): Point[][] {
  const polygons: Point[][] = []
  for (const part of dash ? dashed(points, dash) : [points])
    part.forEach(([x1, y1], i) => {
      const from = part[i - 1]
      if (!from) return
      const [x0, y0] = from
      const length = Math.hypot(x1 - x0, y1 - y0)
      if (length === 0) return
      const [nx, ny] = [((y1 - y0) / length) * (lineWidth / 2), ((x0 - x1) / length) * (lineWidth / 2)]
      polygons.push([
        [x0 + nx, y0 + ny],
        [x1 + nx, y1 + ny],
        [x1 - nx, y1 - ny],
        [x0 - nx, y0 - ny],
      ])
      if (i < part.length - 1) polygons.push(circle(x1, y1, lineWidth / 2))
    })
  return polygons
}

/** The dashes of a line. */
function dashed(points: readonly Point[], dash: readonly number[]): Point[][] {
  const parts: Point[][] = []
  let [turn, left, current] = [0, dash[0]!, [points[0]!] as Point[]]
  for (let i = 1; i < points.length; i++) {
    let [x, y] = points[i - 1]!
    const [x1, y1] = points[i]!
    for (let rest = Math.hypot(x1 - x, y1 - y); rest > 0;) {
      const step = Math.min(left, rest)
      ;[x, y] = [x + ((x1 - x) * step) / rest, y + ((y1 - y) * step) / rest]
      rest -= step
      left -= step
      if (turn % 2 === 0) current.push([x, y])
      if (left > 1e-9) continue
      if (turn % 2 === 0) parts.push(current)
      turn++
      left = dash[turn % dash.length]!
      current = [[x, y]]
    }
  }
  if (turn % 2 === 0 && current.length > 1) parts.push(current)
  return parts
}

const circle = (x: number, y: number, radius: number): Point[] =>
  Array.from({ length: DISC_STEPS }, (_, i) => {
    const angle = (2 * Math.PI * i) / DISC_STEPS
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]
  })

function drawWords(band: Band, item: TextItem, fonts: FontSet): void {
  const font = fonts.face(item.face)
  const scale = item.size / font.unitsPerEm
  const length = fonts.metrics.width(item.text, item.face) * item.size
  let pen = item.anchor === 'start' ? 0 : item.anchor === 'middle' ? -length / 2 : -length
  for (const character of item.text) {
    const { advance, contours } = font.glyph(character)
    const polygons = contours.map((contour) =>
      flattened(contour).map(([gx, gy]): Point => {
        const [along, up] = [pen + gx * scale, gy * scale]
        return item.turned ? [item.x - up, item.y - along] : [item.x + along, item.y - up]
      }),
    )
    if (polygons.length > 0) fill(band, polygons, item.fill)
    pen += advance * scale
  }
}
