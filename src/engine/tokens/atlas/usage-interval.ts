// Tokens of two sets of images -> how sure each entry's log-ratio of usage is. Cells of one image are not independent, so
// the error is over images: the delta method on sums over images, the limit of a bootstrap of many images.
import { normalQuantile } from '../../../shared/quantiles.ts'

/** Tokens of all images, one after another. */
export interface ImageTokens {
  readonly tokens: Int32Array
  /** Cells of one image. */
  readonly cells: number
}

export interface RatioIntervals {
  /** 95 % interval of log2 of B's share over A's, for each entry: [K]; NaN where neither set has it. */
  readonly low: Float32Array
  readonly high: Float32Array
  /** Entries whose interval excludes 0 also if all entries are tested (Bonferroni): the most over-used in B first. */
  readonly over: readonly number[]
  readonly under: readonly number[]
}

/** Added to both sets for every entry, so that logarithms are finite: half an image with its usual number of cells. */
const HALF_AN_IMAGE = 0.5

export function ratioIntervals(a: ImageTokens, b: ImageTokens, K: number): RatioIntervals {
  const [first, second] = [sumsOf(a, K), sumsOf(b, K)]
  const [low, high] = [new Float32Array(K).fill(NaN), new Float32Array(K).fill(NaN)]
  const used = first.cells.reduce((sum, cells, k) => sum + (cells + second.cells[k]! > 0 ? 1 : 0), 0)
  const one = normalQuantile(0.975)
  const all = normalQuantile(1 - 0.025 / Math.max(1, used))
  const sure: { readonly k: number; readonly ratio: number }[] = []
  for (let k = 0; k < K; k++) {
    const cells = first.cells[k]! + second.cells[k]!
    if (cells === 0) continue
    // Cells of an image that has the entry, as a cell meets them.
    const usual = (first.squares[k]! + second.squares[k]!) / cells
    const added = HALF_AN_IMAGE * usual
    const share = ({ cells }: ImageSums, all: number) => (cells[k]! + added) / (all + added)
    const variance = ({ cells, squares, images }: ImageSums) => {
      const around = (images / Math.max(1, images - 1)) * (squares[k]! - cells[k]! ** 2 / images)
      return (around + added * usual) / (cells[k]! + added) ** 2
    }
    const ratio = Math.log2(share(second, b.tokens.length) / share(first, a.tokens.length))
    const error = Math.sqrt(variance(first) + variance(second)) / Math.LN2
    low[k] = ratio - one * error
    high[k] = ratio + one * error
    if (Math.abs(ratio) > all * error) sure.push({ k, ratio })
  }
  const ordered = sure.sort((x, y) => y.ratio - x.ratio || x.k - y.k)
  return {
    low,
    high,
    over: ordered.filter(({ ratio }) => ratio > 0).map(({ k }) => k),
    under: ordered
      .filter(({ ratio }) => ratio < 0)
      .map(({ k }) => k)
      .reverse(),
  }
}

interface ImageSums {
  readonly images: number
  /** Cells of each entry, and the sum over images of the squares of their numbers. */
  readonly cells: Float64Array
  readonly squares: Float64Array
}

function sumsOf({ tokens, cells: perImage }: ImageTokens, K: number): ImageSums {
  const [cells, squares] = [new Float64Array(K), new Float64Array(K)]
  const own = new Map<number, number>()
  const images = tokens.length / perImage
  for (let image = 0; image < images; image++) {
    own.clear()
    for (let at = image * perImage; at < (image + 1) * perImage; at++)
      own.set(tokens[at]!, (own.get(tokens[at]!) ?? 0) + 1)
    for (const [k, count] of own) {
      cells[k] = cells[k]! + count
      squares[k] = squares[k]! + count ** 2
    }
  }
  return { images, cells, squares }
}
