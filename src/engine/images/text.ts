// A line of text -> dark pixels on an image: outlines filled with exact area coverage, no fonts of the system.
import type { RgbImage } from './codec.ts'
import { dejavu, type OutlinePoint } from './font.ts'

export interface TextStyle {
  /** Pixels per em. */
  readonly size: number
  /** @default false */
  readonly bold?: boolean
}

/** Height of a capital letter of DejaVu, in em. */
export const CAPITAL_HEIGHT = 0.73

/** Width of a line in pixels, not rounded. */
export function textWidth(text: string, { size, bold = false }: TextStyle): number {
  const font = fontOf(bold)
  let advance = 0
  for (const character of text) advance += font.glyph(character).advance
  return (advance * size) / font.unitsPerEm
}

/** The text, or as much of its beginning as fits `width` pixels with an ellipsis. */
export function fitText(text: string, width: number, style: TextStyle): string {
  if (textWidth(text, style) <= width) return text
  const characters = [...text]
  while (characters.length > 0 && textWidth(`${characters.join('').trimEnd()}…`, style) > width)
    characters.pop()
  return characters.length > 0 ? `${characters.join('').trimEnd()}…` : ''
}

/** Draws a line of text in grey level `ink`, its baseline starting at (x, y), into the image's own pixels. */
export function drawText(
  image: RgbImage,
  text: string,
  x: number,
  y: number,
  { size, bold = false }: TextStyle,
  ink = 51,
): void {
  const font = fontOf(bold)
  const scale = size / font.unitsPerEm
  let pen = x
  for (const character of text) {
    const { advance, contours } = font.glyph(character)
    fillOutline(image, contours, pen, y, scale, ink)
    pen += advance * scale
  }
}

function fontOf(bold: boolean): ReturnType<typeof dejavu> {
  return dejavu(bold ? 'DejaVuSans-Bold' : 'DejaVuSans')
}

/** Blends ink into every pixel by the share of its area inside the outline (non-zero winding, clipped to 1). */
function fillOutline(
  { rgb, width, height }: RgbImage,
  contours: readonly (readonly OutlinePoint[])[],
  x: number,
  y: number,
  scale: number,
  ink: number,
): void {
  const lines = contours.map((contour) =>
    flatten(contour).map(([px, py]) => [x + px * scale, y - py * scale] as Point),
  )
  const points = lines.flat()
  if (points.length === 0) return
  const left = Math.floor(Math.min(...points.map(([px]) => px)))
  const top = Math.floor(Math.min(...points.map(([, py]) => py)))
  const columns = Math.ceil(Math.max(...points.map(([px]) => px))) - left + 2
  const rows = Math.ceil(Math.max(...points.map(([, py]) => py))) - top + 1
  const area = new Float64Array(columns * rows)
  for (const line of lines)
    line.forEach(([x1, y1], i) => {
      const [x0, y0] = line.at(i - 1)!
      addEdge(area, columns, x0 - left, y0 - top, x1 - left, y1 - top)
    })
  for (let row = 0; row < rows; row++) {
    let covered = 0
    for (let column = 0; column < columns; column++) {
      covered += area[row * columns + column]!
      const [px, py] = [left + column, top + row]
      if (px < 0 || py < 0 || px >= width || py >= height) continue
      const opacity = Math.min(1, Math.abs(covered))
      const at = (py * width + px) * 3
      for (let c = at; c < at + 3; c++) rgb[c] = Math.round(rgb[c]! + (ink - rgb[c]!) * opacity)
    }
  }
}

type Point = readonly [x: number, y: number]

/** Steps per quadratic: at label sizes a chord is off by less than 1/100 pixel. */
const CURVE_STEPS = 6

/** A TrueType contour as a closed polygon; between two off-curve points lies an on-curve one, half way. */
function flatten(contour: readonly OutlinePoint[]): Point[] {
  const polygon: Point[] = []
  const at = (i: number): OutlinePoint => contour[(i + contour.length) % contour.length]!
  const towards = (a: OutlinePoint, b: OutlinePoint): OutlinePoint =>
    b.onCurve ? b : { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, onCurve: true }
  contour.forEach((point, i) => {
    if (point.onCurve) return void polygon.push([point.x, point.y])
    const [from, to] = [towards(point, at(i - 1)), towards(point, at(i + 1))]
    for (let step = 1; step <= CURVE_STEPS; step++) {
      const t = step / CURVE_STEPS
      const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t * t]
      polygon.push([a * from.x + b * point.x + c * to.x, a * from.y + b * point.y + c * to.y])
    }
  })
  return polygon
}

/**
 * Adds an edge's signed area to its pixel and what it covers to the right of it to the next, so that running sums
 * along a row give coverage (the accumulation buffer of font-rs, R. Levien). Cut at pixel borders first.
 */
function addEdge(area: Float64Array, columns: number, x0: number, y0: number, x1: number, y1: number): void {
  const cuts = [0, ...crossings(x0, x1), ...crossings(y0, y1), 1].sort((a, b) => a - b)
  for (let i = 1; i < cuts.length; i++) {
    const [from, to] = [cuts[i - 1]!, cuts[i]!]
    const middle = (from + to) / 2
    const x = x0 + (x1 - x0) * middle
    const column = Math.floor(x)
    const rise = (y1 - y0) * (to - from)
    const pixel = Math.floor(y0 + (y1 - y0) * middle) * columns + column
    area[pixel] = area[pixel]! + rise * (column + 1 - x)
    area[pixel + 1] = area[pixel + 1]! + rise * (x - column)
  }
}

/** Where on the way from a to b (0 to 1) whole numbers are passed. */
function crossings(a: number, b: number): number[] {
  const [low, high] = [Math.min(a, b), Math.max(a, b)]
  const passed: number[] = []
  for (let whole = Math.floor(low) + 1; whole < high; whole++) passed.push((whole - a) / (b - a))
  return passed
}
