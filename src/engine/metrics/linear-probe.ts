// Features and labels -> a linear classifier, trained by stochastic gradient descent, and its accuracy. Softmax
// regression with momentum and a cosine schedule; on features normalised to mean 0 and deviation 1, or on features as they
// are.
import { RequestError } from '../../shared/errors.ts'
import { firstNotFinite } from '../../shared/finite.ts'
import { gatherRows, ranges, readMatrix, type FeatureRows } from './features.ts'
import { matrix, noPause, plainMatrixProduct, transposed, type Matrix, type Work } from './matrix.ts'
import { randomState } from './random-state.ts'

export interface ProbeTraining {
  readonly classes: number
  readonly epochs: number
  readonly batch: number
  /** Of the first step; decays to 0 along half a cosine. */
  readonly learningRate: number
  readonly momentum: number
  /** Of the order of images in each epoch. */
  readonly seed: number
}

/** Predicts argmax over classes of weight (x - mean) / deviation + bias. */
export interface LinearProbe {
  /** [classes, D] */
  readonly weight: Matrix
  /** [classes] */
  readonly bias: Float64Array
  /** [D] each, of the training features. */
  readonly mean: Float64Array
  readonly deviation: Float64Array
}

/**
 * Weights start at 0: softmax regression is convex, so no symmetry needs breaking. Throws RequestError if they end as NaN
 * or infinite.
 */
export async function trainLinearProbe(
  features: FeatureRows,
  labels: readonly number[],
  training: ProbeTraining,
  { matrixProduct = plainMatrixProduct, pause = noPause }: Work = {},
): Promise<LinearProbe> {
  const { classes, epochs, batch, learningRate, momentum, seed } = training
  const { count, width: D } = features
  const odd = labels.find((label) => !Number.isInteger(label) || label < 0 || label >= classes)
  if (labels.length !== count || odd !== undefined)
    throw new RangeError(
      `labels do not match (found ${labels.length} for ${count} images, classes 0 to ${classes - 1})`,
    )
  const { mean, deviation } = await moments(features)
  const trainer = probeTrainer({
    weight: matrix(classes, D),
    bias: new Float64Array(classes),
    mean,
    deviation,
  })
  const random = randomState(seed)
  const steps = epochs * Math.ceil(count / batch)
  let step = 0
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.permutation(count)
    for (const [from, to] of ranges(count, batch)) {
      await pause()
      const chosen = order.subarray(from, to)
      const own = Array.from(chosen, (image) => labels[image]!)
      const how = { momentum, rate: cosineRate(learningRate, step++, steps) }
      await trainer.step(await gatherRows(features, chosen), own, how, { matrixProduct })
    }
  }
  checkFinite(trainer.probe, learningRate)
  return trainer.probe
}

/** The rate of update `step`, from 0: half a cosine from the first rate to 0. */
export const cosineRate = (first: number, step: number, steps: number): number =>
  (first / 2) * (1 + Math.cos((Math.PI * step) / steps))

/** Throws RequestError for weights that are NaN or infinite. */
export function checkFinite({ weight, bias }: LinearProbe, learningRate: number): void {
  if (firstNotFinite(weight.data) >= 0 || firstNotFinite(bias) >= 0)
    throw new RequestError(
      `linear probe: the classifier diverged (found weights that are not finite at learning rate ${learningRate}, expected a smaller one)`,
    )
}

export interface ProbeTrainer {
  /** Changes with every step. */
  readonly probe: LinearProbe
  /** Momentum of weight and bias. */
  readonly speed: { readonly weight: Float64Array; readonly bias: Float64Array }
  /** One update by the mean gradient of these rows [B, D]. */
  step(
    rows: Matrix,
    labels: readonly number[],
    how: { readonly momentum: number; readonly rate: number },
    work?: Work,
  ): Promise<void>
}

export function probeTrainer(probe: LinearProbe): ProbeTrainer {
  const { weight, bias } = probe
  const speed = { weight: new Float64Array(weight.data.length), bias: new Float64Array(bias.length) }
  return {
    probe,
    speed,
    async step(rows, labels, { momentum, rate }, { matrixProduct = plainMatrixProduct } = {}) {
      const x = normalised(rows, probe)
      const error = probabilities(await matrixProduct(x, weight), bias) // [B, classes]
      for (const [i, label] of labels.entries()) {
        const at = i * error.columns + label
        error.data[at] = error.data[at]! - 1
      }
      const gradient = await matrixProduct(transposed(error), transposed(x)) // [classes, D]
      const n = labels.length
      descend(weight.data, speed.weight, (at) => gradient.data[at]! / n, momentum, rate)
      descend(bias, speed.bias, (at) => columnSum(error, at) / n, momentum, rate)
    },
  }
}

/** Share of images whose class is predicted; of equally likely classes the first. */
export async function probeAccuracy(
  { weight, bias, mean, deviation }: LinearProbe,
  features: FeatureRows,
  labels: readonly number[],
  { matrixProduct = plainMatrixProduct }: Work = {},
): Promise<number> {
  let right = 0
  for (const [from, to] of ranges(features.count)) {
    const x = normalised(await readMatrix(features, from, to), { mean, deviation })
    const scores = await matrixProduct(x, weight)
    for (let i = 0; i < scores.rows; i++) {
      let best = 0
      const score = (c: number) => scores.data[i * scores.columns + c]! + bias[c]!
      for (let c = 1; c < scores.columns; c++) if (score(c) > score(best)) best = c
      if (best === labels[from + i]) right++
    }
  }
  return right / features.count
}

/** torch's SGD: v = momentum v + g; p -= rate v. */
function descend(
  values: Float64Array,
  speed: Float64Array,
  gradient: (at: number) => number,
  momentum: number,
  rate: number,
): void {
  for (let at = 0; at < values.length; at++) {
    speed[at] = momentum * speed[at]! + gradient(at)
    values[at] = values[at]! - rate * speed[at]!
  }
}

async function moments(features: FeatureRows): Promise<Pick<LinearProbe, 'mean' | 'deviation'>> {
  const { count, width: D } = features
  const mean = new Float64Array(D)
  const squares = new Float64Array(D)
  for (const sums of [mean, squares])
    for (const [from, to] of ranges(count)) {
      const { data } = await readMatrix(features, from, to)
      for (let at = 0; at < data.length; at++) {
        const d = at % D
        sums[d] = sums[d]! + (sums === mean ? data[at]! : (data[at]! - mean[d]!) ** 2) / count
      }
    }
  // A constant feature carries no information; it stays 0.
  return { mean, deviation: squares.map((square) => Math.sqrt(square) || 1) }
}

function normalised(x: Matrix, { mean, deviation }: Pick<LinearProbe, 'mean' | 'deviation'>): Matrix {
  const D = x.columns
  return matrix(
    x.rows,
    D,
    x.data.map((value, at) => (value - mean[at % D]!) / deviation[at % D]!),
  )
}

/** Rows of scores + bias -> softmax. */
function probabilities({ rows, columns, data }: Matrix, bias: Float64Array): Matrix {
  const out = matrix(rows, columns)
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * columns, (i + 1) * columns)
    let largest = -Infinity
    for (let c = 0; c < columns; c++) largest = Math.max(largest, row[c]! + bias[c]!)
    let sum = 0
    for (let c = 0; c < columns; c++)
      sum += out.data[i * columns + c] = Math.exp(row[c]! + bias[c]! - largest)
    for (let c = 0; c < columns; c++) out.data[i * columns + c] = out.data[i * columns + c]! / sum
  }
  return out
}

function columnSum({ rows, columns, data }: Matrix, column: number): number {
  let sum = 0
  for (let i = 0; i < rows; i++) sum += data[i * columns + column]!
  return sum
}
