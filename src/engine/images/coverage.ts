// Polygons -> pixels, each blended by its covered area, identically on every machine.
import type { RgbImage } from './rgb-image.ts'
import type { OutlinePoint } from './font.ts'

export type Point = readonly [x: number, y: number]

/**
 * Blends a colour into every pixel by its area inside the polygons (non-zero winding, clipped to 1). Parts outside the
 * image are skipped, so that a large drawing can be made in bands.
 */
export function fillPolygons(
  { rgb, width, height }: RgbImage,
  polygons: readonly (readonly Point[])[],
  colour: readonly [number, number, number],
): void {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x, y] of polygons.flat()) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x)
    bottom = Math.max(bottom, y)
  }
  left = Math.max(0, Math.floor(left))
  top = Math.max(0, Math.floor(top))
  const columns = Math.min(width, Math.ceil(right)) - left + 2
  const rows = Math.min(height, Math.ceil(bottom)) - top
  if (!(columns > 2 && rows > 0)) return
  const area = new Float64Array(columns * rows)
  for (const polygon of polygons)
    polygon.forEach(([x1, y1], i) => {
      const [x0, y0] = polygon.at(i - 1)!
      addClipped(area, columns, rows, [x0 - left, y0 - top], [x1 - left, y1 - top])
    })
  for (let row = 0; row < rows; row++) {
    let covered = 0
    for (let column = 0; column < columns - 2; column++) {
      covered += area[row * columns + column]!
      if (covered === 0) continue
      const opacity = Math.min(1, Math.abs(covered))
      const at = ((top + row) * width + left + column) * 3
      for (let c = 0; c < 3; c++)
        rgb[at + c] = Math.round(rgb[at + c]! + (colour[c]! - rgb[at + c]!) * opacity)
    }
  }
}

/**
 * The part of an edge within the rows. Parts outside the left or right side are moved to that side, because only the
 * area to their right matters.
 */
function addClipped(
  area: Float64Array,
  columns: number,
  rows: number,
  [x0, y0]: Point,
  [x1, y1]: Point,
): void {
  if (y0 === y1) return
  const last = columns - 2
  const inRows = [-y0 / (y1 - y0), (rows - y0) / (y1 - y0)]
  const from = Math.max(0, Math.min(...inRows))
  const to = Math.min(1, Math.max(...inRows))
  if (from >= to) return
  const x = (t: number): number => Math.min(Math.max(x0 + (x1 - x0) * t, 0), last)
  const y = (t: number): number => Math.min(Math.max(y0 + (y1 - y0) * t, 0), rows)
  // Cut at the sides, so that every piece is on one side.
  const sides = x0 === x1 ? [] : [-x0 / (x1 - x0), (last - x0) / (x1 - x0)]
  const cuts = [from, ...sides.filter((t) => t > from && t < to), to].sort((p, q) => p - q)
  for (let i = 1; i < cuts.length; i++) {
    const [s, t] = [cuts[i - 1]!, cuts[i]!]
    addEdge(area, columns, x(s), y(s), x(t), y(t))
  }
}

/** Steps per quadratic: at label sizes a chord is off by less than 1/100 pixel. */
const CURVE_STEPS = 6

/** A TrueType contour as a closed polygon; halfway between two off-curve points there is an on-curve point. */
export function flattened(contour: readonly OutlinePoint[]): Point[] {
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
 * Adds an edge's signed area to its pixel, and the area to the right to the next pixel, so that running sums along a
 * row give coverage (the accumulation buffer of font-rs, R. Levien). Cut at pixel borders first.
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

/** Positions between a and b (0 to 1) at whole numbers. */
function crossings(a: number, b: number): number[] {
  const [low, high] = [Math.min(a, b), Math.max(a, b)]
  const passed: number[] = []
  for (let whole = Math.floor(low) + 1; whole < high; whole++) passed.push((whole - a) / (b - a))
  return passed
}
