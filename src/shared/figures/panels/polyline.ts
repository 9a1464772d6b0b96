// Curves as drawn: clipped at the edges of the axes, without indistinguishable points.

export type Point = readonly [x: number, y: number]

/** Of the axes, in points. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** The parts of a curve inside the box; segments are clipped at its edges (Liang and Barsky, 1984). */
export function clipped(points: readonly Point[], box: Box): Point[][] {
  const parts: Point[][] = []
  for (let i = 1; i < points.length; i++) {
    const segment = clipSegment(points[i - 1]!, points[i]!, box)
    if (!segment) continue
    const last = parts.at(-1)
    const end = last?.at(-1)
    if (last && end && end[0] === segment[0][0] && end[1] === segment[0][1]) last.push(segment[1])
    else parts.push([...segment])
  }
  return parts
}

function clipSegment([x0, y0]: Point, [x1, y1]: Point, box: Box): [Point, Point] | undefined {
  const [dx, dy] = [x1 - x0, y1 - y0]
  let [from, to] = [0, 1]
  const sides = [
    [-dx, x0 - box.left],
    [dx, box.right - x0],
    [-dy, y0 - box.top],
    [dy, box.bottom - y0],
  ] as const
  for (const [toward, room] of sides) {
    if (toward === 0 && room < 0) return undefined
    if (toward === 0) continue
    const at = room / toward
    if (toward < 0) from = Math.max(from, at)
    else to = Math.min(to, at)
  }
  if (from > to) return undefined
  const point = (t: number): Point => (t === 0 ? [x0, y0] : t === 1 ? [x1, y1] : [x0 + t * dx, y0 + t * dy])
  return [point(from), point(to)]
}

/** Points nearer than this to the last one drawn are omitted; a printer's dot at 600 dpi is 0.12 points. */
const NEAR = 0.08

/** The curve without points too close to be distinguished; both ends stay. */
export function thinned(points: readonly Point[]): Point[] {
  const kept: Point[] = []
  points.forEach((point, i) => {
    const last = kept.at(-1)
    const far = !last || Math.hypot(point[0] - last[0], point[1] - last[1]) >= NEAR
    if (far || i === points.length - 1) kept.push(point)
  })
  return kept
}
