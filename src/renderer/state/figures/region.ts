// A rectangle drawn over a cell -> the part of the image below it, in whole pixels.
import type { Region } from '../../../shared/figures/image-ref.ts'

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}
type Point = readonly [x: number, y: number]

/**
 * @param box position of the cell, and the part of the image it shows: `whole`
 * @returns undefined if too small for a rectangle
 */
export function drawnRegion(box: Box, from: Point, to: Point, whole: Region): Region | undefined {
  const span = (a: number, b: number, start: number, length: number, pixels: number, offset: number) => {
    const at = (point: number) => Math.min(1, Math.max(0, (point - start) / length)) * pixels
    const first = Math.floor(at(Math.min(a, b)))
    const last = Math.ceil(at(Math.max(a, b)))
    return [offset + first, last - first] as const
  }
  const [x, width] = span(from[0], to[0], box.x, box.width, whole.width, whole.x)
  const [y, height] = span(from[1], to[1], box.y, box.height, whole.height, whole.y)
  return width >= 1 && height >= 1 ? { x, y, width, height } : undefined
}
