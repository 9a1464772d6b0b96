// Two images of one size -> PSNR and SSIM. Values are 0 to 255, three channels.
// SSIM: Wang et al. 2004: a Gaussian window of 11 x 11 with sigma 1.5, K1 = 0.01, K2 = 0.03, biased variances, each
// channel alone, the mean over windows that are wholly in the image.
// = skimage.metrics.structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
//   data_range=255, channel_axis=2).

/** Interleaved RGB, rows from the top. */
export interface Pixels {
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
}

const RANGE = 255
const SIDE = 11
const HALF = (SIDE - 1) / 2
const SIGMA = 1.5
const [C1, C2] = [(0.01 * RANGE) ** 2, (0.03 * RANGE) ** 2]
export const SSIM_WINDOW = `gaussian ${SIDE} x ${SIDE}, sigma ${SIGMA}`

/** Weights of the window along one axis, of sum 1. */
const WINDOW = (() => {
  const weights = Array.from({ length: SIDE }, (_, i) => Math.exp(-((i - HALF) ** 2) / (2 * SIGMA ** 2)))
  const sum = weights.reduce((a, b) => a + b, 0)
  return Float64Array.from(weights, (weight) => weight / sum)
})()

/** Peak signal-to-noise ratio in dB over all pixels and channels; infinite for equal images. Throws RangeError for other sizes. */
export function psnr(a: Pixels, b: Pixels): number {
  checkSizes(a, b)
  let squares = 0
  for (let i = 0; i < a.rgb.length; i++) squares += (a.rgb[i]! - b.rgb[i]!) ** 2
  return 10 * Math.log10(RANGE ** 2 / (squares / a.rgb.length))
}

/** Structural similarity, 1 for equal images. Throws RangeError for other sizes, and for sides below 11. */
export function ssim(a: Pixels, b: Pixels): number {
  checkSizes(a, b)
  const { width, height } = a
  if (Math.min(width, height) < SIDE)
    throw new RangeError(`${width} x ${height}: too small for SSIM (expected at least ${SIDE} x ${SIDE})`)
  let sum = 0
  for (let channel = 0; channel < 3; channel++) sum += channelSsim(a, b, channel)
  return sum / 3
}

function channelSsim(a: Pixels, b: Pixels, channel: number): number {
  const { width, height } = a
  const x = Float64Array.from({ length: width * height }, (_, i) => a.rgb[3 * i + channel]!)
  const y = Float64Array.from({ length: width * height }, (_, i) => b.rgb[3 * i + channel]!)
  const mean = (of: (i: number) => number) =>
    windowed(
      Float64Array.from(x, (_, i) => of(i)),
      width,
      height,
    )
  const [mx, my] = [mean((i) => x[i]!), mean((i) => y[i]!)]
  const [xx, yy, xy] = [mean((i) => x[i]! ** 2), mean((i) => y[i]! ** 2), mean((i) => x[i]! * y[i]!)]
  let sum = 0
  for (let i = 0; i < mx.length; i++) {
    const [m, n] = [mx[i]!, my[i]!]
    const [vx, vy, cov] = [xx[i]! - m * m, yy[i]! - n * n, xy[i]! - m * n]
    sum += ((2 * m * n + C1) * (2 * cov + C2)) / ((m * m + n * n + C1) * (vx + vy + C2))
  }
  return sum / mx.length
}

/** Weighted means of all whole windows: [height - 10, width - 10]. */
function windowed(values: Float64Array, width: number, height: number): Float64Array {
  const columns = width - 2 * HALF
  const across = new Float64Array(columns * height)
  for (let row = 0; row < height; row++)
    for (let column = 0; column < columns; column++) {
      let sum = 0
      for (let k = 0; k < SIDE; k++) sum += WINDOW[k]! * values[row * width + column + k]!
      across[row * columns + column] = sum
    }
  const rows = height - 2 * HALF
  const out = new Float64Array(columns * rows)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let sum = 0
      for (let k = 0; k < SIDE; k++) sum += WINDOW[k]! * across[(row + k) * columns + column]!
      out[row * columns + column] = sum
    }
  return out
}

function checkSizes(a: Pixels, b: Pixels): void {
  if (a.width !== b.width || a.height !== b.height)
    throw new RangeError(`sizes differ (${a.width} x ${a.height} and ${b.width} x ${b.height})`)
}
