// Whole-pixel operations on RGB images: blank, paste enlarged, shrink by a whole factor.
import type { RgbImage } from './rgb-image.ts'

/** A white image. */
export function whiteImage(width: number, height: number): RgbImage {
  return { rgb: new Uint8Array(width * height * 3).fill(255), width, height }
}

/** Copies an image into another at (left, top), each pixel as a square of `enlarge`; it must fit. */
export function paste(onto: RgbImage, image: RgbImage, left: number, top: number, enlarge = 1): void {
  const [width, height] = [image.width * enlarge, image.height * enlarge]
  if (left < 0 || top < 0 || left + width > onto.width || top + height > onto.height)
    throw new RangeError(
      `${width} x ${height} at (${left}, ${top}): outside the ${onto.width} x ${onto.height} image`,
    )
  const line = new Uint8Array(width * 3)
  for (let y = 0; y < image.height; y++) {
    const row = image.rgb.subarray(y * image.width * 3, (y + 1) * image.width * 3)
    if (enlarge === 1) line.set(row)
    else for (let i = 0; i < line.length; i++) line[i] = row[Math.floor(i / 3 / enlarge) * 3 + (i % 3)]!
    for (let copy = 0; copy < enlarge; copy++)
      onto.rgb.set(line, ((top + y * enlarge + copy) * onto.width + left) * 3)
  }
}

/** Means of `factor` x `factor` blocks; the last ones may be smaller. */
export function boxShrink({ rgb, width, height }: RgbImage, factor: number): RgbImage {
  const [outWidth, outHeight] = [Math.ceil(width / factor), Math.ceil(height / factor)]
  const out = new Uint8Array(outWidth * outHeight * 3)
  const sums = new Uint32Array(outWidth * 3)
  for (let top = 0; top < height; top += factor) {
    const rows = Math.min(factor, height - top)
    sums.fill(0)
    for (let y = top; y < top + rows; y++)
      for (let i = 0; i < width * 3; i++) {
        const at = Math.floor(i / 3 / factor) * 3 + (i % 3)
        sums[at] = sums[at]! + rgb[y * width * 3 + i]!
      }
    for (let i = 0; i < sums.length; i++) {
      const columns = Math.min(factor, width - Math.floor(i / 3) * factor)
      out[(top / factor) * outWidth * 3 + i] = Math.round(sums[i]! / (rows * columns))
    }
  }
  return { rgb: out, width: outWidth, height: outHeight }
}
