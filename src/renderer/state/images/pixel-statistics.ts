// Pictures of equal size, one by one -> their mean picture and per-pixel deviation.

export interface PixelStatistics {
  readonly images: number
  /** Pixels along an edge; pictures are square. */
  readonly side: number
  /** RGBA, [side * side * 4]. */
  readonly mean: Uint8ClampedArray<ArrayBuffer>
  /**
   * [side * side], 0..127.5: the standard deviation over the images (divided by their number) of each channel on
   * the scale 0..255, then the mean over red, green and blue.
   */
  readonly deviation: Float32Array
  readonly meanDeviation: number
  readonly largest: number
}

export interface PixelSums {
  /** Adds a picture: RGBA, [side * side * 4]. */
  add(pixels: Uint8ClampedArray): void
  result(): PixelStatistics
}

/** Sums of bytes and of their squares are whole numbers, exact in float64 for 10^11 pictures. */
export function pixelSums(side: number): PixelSums {
  const sums = new Float64Array(side * side * 4)
  const squares = new Float64Array(side * side * 4)
  let images = 0
  return {
    add(pixels) {
      if (pixels.length !== sums.length)
        throw new Error(`a picture of ${pixels.length / 4} pixels among pictures of ${side} x ${side}`)
      for (let i = 0; i < pixels.length; i++) {
        const value = pixels[i]!
        sums[i]! += value
        squares[i]! += value * value
      }
      images++
    },
    result() {
      const deviation = new Float32Array(side * side)
      let [total, largest] = [0, 0]
      const ofChannel = (at: number) =>
        Math.sqrt(Math.max(0, squares[at]! * images - sums[at]! ** 2)) / Math.max(1, images)
      for (let pixel = 0; pixel < deviation.length; pixel++) {
        const at = pixel * 4
        const value = (ofChannel(at) + ofChannel(at + 1) + ofChannel(at + 2)) / 3
        deviation[pixel] = value
        total += value
        largest = Math.max(largest, value)
      }
      return {
        images,
        side,
        mean: Uint8ClampedArray.from(sums, (sum) => sum / Math.max(1, images)),
        deviation,
        meanDeviation: total / deviation.length,
        largest,
      }
    },
  }
}
