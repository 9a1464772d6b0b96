// Pixels in memory, and how many there may be.

/** `rgb` is uint8, height x width x 3, rows from the top. */
export interface RgbImage {
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
}

/** In pixels, inside the image. */
export interface ImagePart {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** A copy of a part of an image. */
export function partOf({ rgb, width }: RgbImage, part: ImagePart): RgbImage {
  const out = new Uint8Array(part.width * part.height * 3)
  for (let y = 0; y < part.height; y++) {
    const from = ((part.top + y) * width + part.left) * 3
    out.set(rgb.subarray(from, from + part.width * 3), y * part.width * 3)
  }
  return { rgb: out, width: part.width, height: part.height }
}

/** PIL's limit (2 * MAX_IMAGE_PIXELS): the original code never saw larger images. */
export const MAX_IMAGE_PIXELS = 178_956_970

/** Throws an Error for sizes from a header that no image has, before anything is allocated. */
export function checkSize(width: number, height: number): void {
  if (!(width > 0 && height > 0)) throw new Error(`invalid image size (found ${width} x ${height})`)
  if (width * height > MAX_IMAGE_PIXELS)
    throw new Error(`image too large (${width} x ${height} pixels, maximum ${MAX_IMAGE_PIXELS} in total)`)
}
