// Class logits -> Inception Score: the exponent of the mean KL divergence of p(y|x) from p(y), over splits of the set.
// Salimans et al. 2016; torch-fidelity metric_isc.py; guided-diffusion evaluations/evaluator.py compute_inception_score.
import { ranges, readMatrix, type FeatureRows } from './features.ts'
import { noPause, type Work } from './matrix.ts'
import { randomState } from './random-state.ts'

/** How a set is split: torch-fidelity shuffles and uses equal parts, ADM uses consecutive parts of a fixed size. */
export type Splits =
  | {
      readonly parts: number
      /** `np.random.RandomState(seed)`; undefined: in order. */ readonly shuffleSeed?: number
    }
  | { readonly size: number }

export interface Score {
  readonly mean: number
  /** Standard deviation over the splits, dividing by their number like `np.std`. */
  readonly std: number
  readonly splits: number
}

/** `logits` [n, classes]. Throws RangeError if there are more splits than images. */
export async function inceptionScore(
  logits: FeatureRows,
  splits: Splits,
  { pause = noPause }: Work = {},
): Promise<Score> {
  const { count, width: C } = logits
  const { parts, partOf } = splitOf(count, splits)
  const images = new Int32Array(parts)
  const negativeEntropy = new Float64Array(parts) // sum over images of sum p log p
  const marginal = new Float64Array(parts * C) // sum over images of p
  const p = new Float64Array(C)
  for (const [from, to] of ranges(count)) {
    await pause()
    const { data } = await readMatrix(logits, from, to)
    for (let i = from; i < to; i++) {
      const part = partOf(i)
      images[part] = images[part]! + 1
      negativeEntropy[part] =
        negativeEntropy[part]! + softmax(data.subarray((i - from) * C, (i - from + 1) * C), p)
      for (let c = 0; c < C; c++) marginal[part * C + c] = marginal[part * C + c]! + p[c]!
    }
  }
  const scores = Array.from(images, (n, part) => {
    let against = 0
    for (const sum of marginal.subarray(part * C, (part + 1) * C))
      if (sum > 0) against += (sum / n) * Math.log(sum / n)
    return Math.exp(negativeEntropy[part]! / n - against)
  })
  return { ...meanAndStd(scores), splits: parts }
}

/** As `np.mean` and `np.std`. */
export function meanAndStd(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return { mean, std: Math.sqrt(variance) }
}

/** The split of an image. */
function splitOf(count: number, splits: Splits): { parts: number; partOf: (image: number) => number } {
  if ('size' in splits)
    return { parts: Math.ceil(count / splits.size), partOf: (image) => Math.floor(image / splits.size) }
  const { parts, shuffleSeed } = splits
  if (count < parts) throw new RangeError(`cannot divide ${count} images into ${parts} splits`)
  const part = new Int32Array(count)
  const order = shuffleSeed === undefined ? undefined : randomState(shuffleSeed).permutation(count)
  for (let i = 0; i < parts; i++) {
    const [from, to] = [Math.floor((i * count) / parts), Math.floor(((i + 1) * count) / parts)]
    for (let at = from; at < to; at++) part[order ? order[at]! : at] = i
  }
  return { parts, partOf: (image) => part[image]! }
}

/** Writes the probabilities of one row to `p` and returns the sum of p log p. */
function softmax(logits: Float64Array, p: Float64Array): number {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  let sum = 0
  for (let c = 0; c < p.length; c++) sum += p[c] = Math.exp(logits[c]! - largest)
  const logSum = Math.log(sum)
  let entropy = 0
  for (let c = 0; c < p.length; c++) {
    p[c] = p[c]! / sum
    entropy += p[c]! * (logits[c]! - largest - logSum)
  }
  return entropy
}
