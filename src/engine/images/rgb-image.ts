// Pixels in memory, and how many there may be.

/** `rgb` is uint8, height x width x 3, rows from the top. */
export interface RgbImage {
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
}

/** PIL's limit (2 * MAX_IMAGE_PIXELS): the original code never saw larger images. */
export const MAX_IMAGE_PIXELS = 178_956_970

/** Throws an Error for sizes from a header that no image has, before anything is allocated. */
export function checkSize(width: number, height: number): void {
  if (!(width > 0 && height > 0)) throw new Error(`invalid image size (found ${width} x ${height})`)
  if (width * height > MAX_IMAGE_PIXELS)
    throw new Error(`image too large (${width} x ${height} pixels, maximum ${MAX_IMAGE_PIXELS} in total)`)
}
