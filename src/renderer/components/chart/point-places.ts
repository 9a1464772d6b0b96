// Points of a plane [count, 2] -> pixels of a box that contains all of them, and back; both axes share one scale.

/** Pixels around the points. */
const MARGIN = 16

export interface PointPlaces {
  /** [count, 2] in pixels. */
  readonly placed: Float32Array
  readonly toPixels: (corners: readonly number[]) => number[]
  readonly toPlane: (pixels: readonly number[]) => number[]
}

export function placePoints(points: Float32Array, width: number, height: number): PointPlaces {
  const least = [Infinity, Infinity]
  const most = [-Infinity, -Infinity]
  points.forEach((value, i) => {
    least[i % 2] = Math.min(least[i % 2]!, value)
    most[i % 2] = Math.max(most[i % 2]!, value)
  })
  const span = [0, 1].map((axis) => Math.max(most[axis]! - least[axis]!, 1e-9))
  const scale = Math.min((width - 2 * MARGIN) / span[0]!, (height - 2 * MARGIN) / span[1]!)
  const middle = [0, 1].map((axis) => (least[axis]! + most[axis]!) / 2)
  // The y axis points up.
  const signed = (i: number) => (i % 2 === 0 ? scale : -scale)
  const half = (i: number) => (i % 2 === 0 ? width : height) / 2
  const toPixel = (value: number, i: number) => half(i) + (value - middle[i % 2]!) * signed(i)
  return {
    placed: points.map(toPixel),
    toPixels: (corners) => corners.map(toPixel),
    toPlane: (pixels) => pixels.map((value, i) => (value - half(i)) / signed(i) + middle[i % 2]!),
  }
}
