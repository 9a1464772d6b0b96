// Images of any size -> the square input of a network, bit-identical to torchvision's Resize, CenterCrop and resized crops
// on PIL images.
import type { RgbImage } from './rgb-image.ts'

/** Fraction bits of the fixed-point weights: 8 bits of pixel and 2 of headroom are left of 32. */
const PRECISION_BITS = 32 - 8 - 2

/** For each output position, its first input position, their count, and `taps` weights of which `count` are used. */
interface Weights {
  readonly taps: number
  readonly first: Int32Array
  readonly count: Int32Array
  readonly weight: Int32Array
}

/**
 * torchvision `Resize(size, BICUBIC)` on the short side, then `CenterCrop(crop)`. An image of side `size` is not
 * resized, and returned unchanged if it is not cropped.
 * @param crop side of the result, at most `size` @default size
 */
export function preprocess(image: RgbImage, size: number, crop = size): RgbImage {
  if (crop > size) throw new RangeError(`cannot crop to ${crop}: image side is only ${size}`)
  if (image.width === crop && image.height === crop && crop === size) return image
  const short = Math.min(image.width, image.height)
  const width = Math.trunc((size * image.width) / short)
  const height = Math.trunc((size * image.height) / short)
  const left = roundHalfToEven((width - crop) / 2)
  const top = roundHalfToEven((height - crop) / 2)
  return resizeBicubic(image, width, height, { left, top, width: crop, height: crop })
}

/**
 * torchvision `Resize(size, BICUBIC)` on the short side, `RandomCrop(size)` and `RandomHorizontalFlip`, with given
 * randomness: the relative position of the crop, from 0 to below 1, and whether to mirror.
 */
export function cropAndFlip(
  image: RgbImage,
  size: number,
  random: { readonly left: number; readonly top: number; readonly flip: boolean },
): RgbImage {
  const short = Math.min(image.width, image.height)
  const width = Math.trunc((size * image.width) / short)
  const height = Math.trunc((size * image.height) / short)
  const left = Math.floor(random.left * (width - size + 1))
  const top = Math.floor(random.top * (height - size + 1))
  const crop = resizeBicubic(image, width, height, { left, top, width: size, height: size })
  return random.flip ? mirrored(crop) : crop
}

export function mirrored({ rgb, width, height }: RgbImage): RgbImage {
  const out = new Uint8Array(rgb.length)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3
      out.set(rgb.subarray(from, from + 3), (y * width + (width - 1 - x)) * 3)
    }
  return { rgb: out, width, height }
}

interface Filter {
  /** Half of its width, in input pixels where the image is enlarged. */
  readonly support: number
  at(distance: number): number
}

/** PIL's `resize((width, height), BILINEAR)` of an RGB image: shrinking is antialiased. */
export const resizeBilinear = (image: RgbImage, width: number, height: number): RgbImage =>
  resized(image, width, height, { left: 0, top: 0, width, height }, BILINEAR)

/** PIL's `resize((width, height), BICUBIC)` of an RGB image; computes only the `window`. */
export const resizeBicubic = (
  image: RgbImage,
  width: number,
  height: number,
  window = { left: 0, top: 0, width, height },
): RgbImage => resized(image, width, height, window, BICUBIC)

/**
 * Two passes with an uint8 image between them; a pass that keeps the size has weights 0 and 1 and changes nothing.
 * Reference: Pillow src/libImaging/Resample.c, `ImagingResampleInner`.
 */
function resized(
  image: RgbImage,
  width: number,
  height: number,
  window: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
  filter: Filter,
): RgbImage {
  const columns = filterWeights(image.width, width, window.left, window.width, filter)
  const rows = filterWeights(image.height, height, window.top, window.height, filter)
  const last = window.height - 1
  const top = rows.first[0]!
  const between = resampleColumns(image, columns, top, rows.first[last]! + rows.count[last]!)
  rows.first.forEach((first, row) => (rows.first[row] = first - top))
  return resampleRows(between, rows)
}

/** Keys' cubic with a = -0.5, in the order of operations of Pillow's `bicubic_filter`. */
function bicubic(distance: number): number {
  const a = -0.5
  const x = Math.abs(distance)
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
}

const BICUBIC: Filter = { support: 2, at: bicubic }
const BILINEAR: Filter = { support: 1, at: (distance) => Math.max(0, 1 - Math.abs(distance)) }

/** Weights of outputs `start` to `start + length` of `outputSize`; Resample.c `precompute_coeffs`, `normalize_coeffs_8bpc`. */
function filterWeights(
  inputSize: number,
  outputSize: number,
  start: number,
  length: number,
  filter: Filter,
): Weights {
  const scale = inputSize / outputSize
  const stretch = Math.max(scale, 1) // shrinking widens the filter: antialias
  const support = filter.support * stretch
  const taps = Math.ceil(support) * 2 + 1
  const first = new Int32Array(length)
  const count = new Int32Array(length)
  const weight = new Int32Array(length * taps)
  const real = new Float64Array(taps)
  for (let i = 0; i < length; i++) {
    const center = (start + i + 0.5) * scale
    const low = Math.max(0, Math.trunc(center - support + 0.5))
    const n = Math.min(inputSize, Math.trunc(center + support + 0.5)) - low
    let sum = 0
    for (let k = 0; k < n; k++) sum += real[k] = filter.at((k + low - center + 0.5) * (1 / stretch))
    for (let k = 0; k < n; k++) {
      const fixed = (real[k]! / sum) * (1 << PRECISION_BITS)
      weight[i * taps + k] = Math.trunc(fixed < 0 ? fixed - 0.5 : fixed + 0.5)
    }
    first[i] = low
    count[i] = n
  }
  return { taps, first, count, weight }
}

/** The rows `top` to `bottom` of an image, each resampled along x. */
function resampleColumns({ rgb, width }: RgbImage, columns: Weights, top: number, bottom: number): RgbImage {
  const outWidth = columns.first.length
  const out = new Uint8ClampedArray(outWidth * (bottom - top) * 3)
  const { taps, first, count, weight } = columns
  let at = 0
  for (let y = top; y < bottom; y++) {
    for (let x = 0; x < outWidth; x++) {
      let from = (y * width + first[x]!) * 3
      const end = x * taps + count[x]!
      let r = 1 << (PRECISION_BITS - 1)
      let g = r
      let b = r
      for (let k = x * taps; k < end; k++, from += 3) {
        const w = weight[k]!
        r = (r + Math.imul(rgb[from]!, w)) | 0
        g = (g + Math.imul(rgb[from + 1]!, w)) | 0
        b = (b + Math.imul(rgb[from + 2]!, w)) | 0
      }
      out[at++] = r >> PRECISION_BITS
      out[at++] = g >> PRECISION_BITS
      out[at++] = b >> PRECISION_BITS
    }
  }
  return { rgb: new Uint8Array(out.buffer), width: outWidth, height: bottom - top }
}

/** An image resampled along y, a whole row at a time, from four rows at once: as many as enlarging needs. */
function resampleRows({ rgb, width }: RgbImage, rows: Weights): RgbImage {
  const height = rows.first.length
  const stride = width * 3
  const out = new Uint8ClampedArray(stride * height)
  const sums = new Int32Array(stride)
  for (let y = 0; y < height; y++) {
    sums.fill(1 << (PRECISION_BITS - 1))
    const count = rows.count[y]!
    for (let k = 0; k < count; k += 4) {
      const weightOf = (tap: number) => (tap < count ? rows.weight[y * rows.taps + tap]! : 0)
      const startOf = (tap: number) => (rows.first[y]! + Math.min(tap, count - 1)) * stride
      const [w0, w1, w2, w3] = [weightOf(k), weightOf(k + 1), weightOf(k + 2), weightOf(k + 3)]
      const [at0, at1, at2, at3] = [startOf(k), startOf(k + 1), startOf(k + 2), startOf(k + 3)]
      for (let i = 0; i < stride; i++)
        sums[i] =
          sums[i]! +
          Math.imul(rgb[at0 + i]!, w0) +
          Math.imul(rgb[at1 + i]!, w1) +
          Math.imul(rgb[at2 + i]!, w2) +
          Math.imul(rgb[at3 + i]!, w3)
    }
    const start = y * stride
    for (let i = 0; i < stride; i++) out[start + i] = sums[i]! >> PRECISION_BITS
  }
  return { rgb: new Uint8Array(out.buffer), width, height }
}

/** Python's `round`. */
function roundHalfToEven(x: number): number {
  const down = Math.floor(x)
  return x - down === 0.5 ? down + (down % 2) : Math.round(x)
}
