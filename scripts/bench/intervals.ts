// Simulations of the errors that are shown beside numbers: how often the nominal 95 % interval holds the true value.
import {
  distanceConfidence,
  drawCounts,
  factorReference,
  featuresToScatters,
  featuresToStatistics,
  frechetDistance,
  frechetReference,
  inceptionScore,
  intervalFactor,
  kernelDistance,
  kernelError,
  matrix,
  pairedDifference,
  precisionRecall,
  resampledFrechet,
  rowsInMemory,
  type FeatureRows,
} from '../../src/engine/metrics/index.ts'
import {
  groupsError,
  shareError,
  splitsError,
  subsetsError,
} from '../../src/engine/runs/evaluation/errors.ts'
import { ratioIntervals } from '../../src/engine/tokens/atlas/usage-interval.ts'
import { NORMAL_95 } from '../../src/shared/evaluation/share-interval.ts'
import { mersenneTwister } from '../../src/shared/mersenne-twister.ts'
import { digits, percent, type Row } from './table.ts'

interface Trial {
  readonly value: number
  readonly error: number
  readonly low: number
  readonly high: number
}

/** Standard normal numbers of a seed. */
function normals(seed: number): () => number {
  const next = mersenneTwister(seed)
  const uniform = () => (next() + 0.5) / 2 ** 32
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
}

/** n rows of independent normals with this mean in every dimension and this deviation. */
function drawn(n: number, D: number, mean: number, deviation: number, seed: number): FeatureRows {
  const normal = normals(seed)
  return rowsInMemory(
    Float32Array.from({ length: n * D }, () => mean + deviation * normal()),
    D,
  )
}

/** Intervals of the trials against the true value; without one, against the mean of the trials. */
function coverage(name: string, seed: number, trials: readonly Trial[], truth?: number): Row {
  const mean = trials.reduce((sum, { value }) => sum + value, 0) / trials.length
  const true_ = truth ?? mean
  const held = trials.filter(({ low, high }) => low <= true_ && true_ <= high).length / trials.length
  const spread = Math.sqrt(
    trials.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / (trials.length - 1),
  )
  const error = Math.sqrt(trials.reduce((sum, one) => sum + one.error ** 2, 0) / trials.length)
  return {
    name,
    text: `${percent(held)} of ${trials.length} intervals hold the value; error ${digits(error)} for a deviation of ${digits(spread)}; first seed ${seed}`,
    numbers: { held, trials: trials.length, error, spread, seed },
    aims: [{ text: '90 to 99 %', holds: held >= 0.9 && held <= 0.99 }],
  }
}

async function simulated(
  count: number,
  seed: number,
  trial: (seed: number) => Promise<Trial>,
): Promise<Trial[]> {
  const found: Trial[] = []
  for (let i = 0; i < count; i++) found.push(await trial(seed + i))
  return found
}

/** Mean of (x.y / D + 1)^3 for independent normals of mean a, b in every dimension and deviations s, t. */
function kernelMean(D: number, a: number, s: number, b: number, t: number): number {
  const [ab, aa, bb] = [D * a * b, D * a * a, D * b * b]
  const middle = 1 + ab / D
  const cubes = middle ** 3 + (3 * middle * t * t * aa) / D ** 2
  const squares = (s * s * (bb + D * t * t + (ab * (bb + (D + 2) * t * t)) / D)) / D ** 2
  return cubes + 3 * squares
}

async function kernel(count: number): Promise<Row> {
  const [D, n, m, seed] = [8, 300, 200, 100_000]
  const truth =
    kernelMean(D, 0.3, 1.1, 0.3, 1.1) + kernelMean(D, 0, 1, 0, 1) - 2 * kernelMean(D, 0.3, 1.1, 0, 1)
  const trials = await simulated(count, seed, async (at) => {
    const [x, y] = [drawn(n, D, 0.3, 1.1, at), drawn(m, D, 0, 1, at + 5_000_000)]
    const { mean, std } = await kernelDistance(x, y, { subsets: 20, size: 100, seed: 2020 })
    return { value: mean, ...subsetsError(mean, std, 20, { ...(await kernelError(x, y)), images: m }) }
  })
  return coverage('KID, 20 subsets of 100 of 300 and 200', seed, trials, truth)
}

async function distance(count: number): Promise<Row> {
  const [D, n, seed] = [8, 600, 200_000]
  const reference = await frechetReference(await featuresToStatistics(drawn(2000, D, 0, 1, 1)))
  const trials = await simulated(count, seed, async (at) => {
    const parts = await featuresToScatters(drawn(n, D, 0.2, 1.1, at), 10)
    const { curve, error, groups } = await distanceConfidence(parts, reference)
    const value = curve.at(-1)!.distance
    return { value, ...groupsError(value, error, groups) }
  })
  return coverage('Frechet distance at n = 600', seed, trials)
}

/** From 5,000 images; `shift` 0 is the hardest case: the distance itself is almost 0. */
async function limit(count: number, shift: number): Promise<Row> {
  const [D, n, seed] = [16, 5000, 300_000]
  const statistics = await featuresToStatistics(drawn(20_000, D, 0, 1, 1))
  const own = { mean: new Float64Array(D).fill(shift), covariance: matrix(D, D) }
  for (let d = 0; d < D; d++) own.covariance.data[d * D + d] = 1.05 ** 2
  const truth = await frechetDistance(own, statistics)
  const reference = await frechetReference(statistics)
  const trials = await simulated(count, seed, async (at) => {
    const parts = await featuresToScatters(drawn(n, D, shift, 1.05, at), 10)
    const found = await distanceConfidence(parts, reference)
    return { value: found.limit!, ...groupsError(found.limit!, found.limitError!, 10) }
  })
  return coverage(`distance at infinite n, of 5,000, mean apart by ${shift}`, seed, trials, truth)
}

async function manifolds(count: number): Promise<Row[]> {
  const [D, n, m, seed] = [4, 100, 200, 400_000]
  const real = drawn(m, D, 0, 1, 1)
  const samples = drawn(n, D, 0.5, 1, 2)
  const wide = 20_000
  const precision = (await precisionRecall(drawn(wide, D, 0.5, 1, 3), real)).precision
  const recall = (await precisionRecall(samples, drawn(wide, D, 0, 1, 4))).recall
  const precisions = await simulated(count, seed, async (at) => {
    const { precision: value } = await precisionRecall(drawn(n, D, 0.5, 1, at), real)
    return { value, ...shareError(value, n, '') }
  })
  const recalls = await simulated(count, seed, async (at) => {
    const { recall: value } = await precisionRecall(samples, drawn(m, D, 0, 1, at))
    return { value, ...shareError(value, m, '') }
  })
  return [
    coverage('precision of 100 samples, manifold fixed', seed, precisions, precision),
    coverage('recall over 200 real images, manifold fixed', seed, recalls, recall),
  ]
}

async function score(count: number): Promise<Row> {
  const [classes, n, seed] = [20, 1000, 500_000]
  const trials = await simulated(count, seed, async (at) => {
    const { mean, std, splits } = await inceptionScore(drawn(n, classes, 0, 2, at), {
      parts: 10,
      shuffleSeed: 2020,
    })
    return { value: mean, ...splitsError(mean, std, splits) }
  })
  return coverage('Inception Score of 1,000 in 10 splits', seed, trials)
}

async function paired(count: number): Promise<Row> {
  const [D, n, B, seed] = [8, 128, 100, 600_000]
  const reference = await factorReference(await featuresToStatistics(drawn(2000, D, 0, 1, 1)))
  const factor = intervalFactor(0.05, n, B)
  const trials = await simulated(count, seed, async (at) => {
    const [shared, a, b] = [
      drawn(n, D, 0, 1, at),
      drawn(n, D, 0.15, 0.5, at + 1e7),
      drawn(n, D, 0, 0.5, at + 2e7),
    ]
    const counts = drawCounts(n, B, 2020)
    const rows = async (own: FeatureRows) => {
      const [x, y] = [await shared.read(0, n), await own.read(0, n)]
      return resampledFrechet(
        matrix(
          n,
          D,
          Float64Array.from(x, (value, i) => value + y[i]!),
        ),
        reference,
        counts,
      )
    }
    const { difference, error } = pairedDifference(await rows(a), await rows(b))
    return { value: difference, error, low: difference - factor * error, high: difference + factor * error }
  })
  return coverage('difference of distances, shared seeds, n = 128', seed, trials)
}

/** Images of 64 cells in runs of 1 to 8 equal tokens: as in a picture, cells of an image go together. */
function usage(count: number): Row[] {
  const [K, cells, seed] = [60, 64, 700_000]
  const weights = Array.from({ length: K }, (_, k) => 1 / (k + 5))
  const total = weights.reduce((a, b) => a + b, 0)
  const draw = (images: number, at: number) => {
    const next = mersenneTwister(at)
    const tokens = new Int32Array(images * cells)
    for (let image = 0, i = 0; image < images; image++)
      while (i < (image + 1) * cells) {
        let rest = (next() / 2 ** 32) * total
        let k = 0
        while (k < K - 1 && (rest -= weights[k]!) > 0) k++
        for (let run = 1 + Math.floor((next() / 2 ** 32) * 8); run > 0 && i < (image + 1) * cells; run--)
          tokens[i++] = k
      }
    return { tokens, cells }
  }
  const trials: Trial[] = []
  let wrong = 0
  for (let at = 0; at < count; at++) {
    const { low, high, over, under } = ratioIntervals(
      draw(200, seed + at),
      draw(100, seed + 5_000_000 + at),
      K,
    )
    if (over.length + under.length > 0) wrong++
    for (let k = 0; k < K; k++)
      if (!Number.isNaN(low[k]))
        trials.push({
          value: (low[k]! + high[k]!) / 2,
          error: (high[k]! - low[k]!) / (2 * NORMAL_95),
          low: low[k]!,
          high: high[k]!,
        })
  }
  const share = wrong / count
  return [
    coverage('log-ratio of usage, 200 and 100 images', seed, trials, 0),
    {
      name: 'over-used or under-used by chance',
      text: `${percent(share)} of ${count} pairs of equal sets list an entry; first seed ${seed}`,
      numbers: { share, count, seed },
      aims: [{ text: 'at most 8 %', holds: share <= 0.08 }],
    },
  ]
}

export async function measureIntervals(quick: boolean): Promise<Row[]> {
  const count = quick ? 20 : 400
  return [
    await distance(count),
    await limit(count / 2, 0.1),
    await limit(count / 2, 0),
    await kernel(count),
    await score(count),
    ...(await manifolds(count)),
    await paired(count),
    ...usage(count),
  ]
}
