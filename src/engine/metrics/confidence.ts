// Statistics of parts of a set -> the standard error of a Frechet distance, and its dependence on the number of images.
import { LEAST_FOR_LIMIT } from '../../shared/evaluation/limit.ts'
import type { FrechetReference } from './frechet-distance.ts'
import { jackknifeVariance } from './jackknife.ts'
import { studentQuantile } from '../../shared/quantiles.ts'
import { randomState } from './random-state.ts'
import { joinScatters, scatterToStatistics, type Scatter } from './statistics.ts'

export interface CurvePoint {
  readonly count: number
  /** Mean over subsets of this size that use every image equally often. */
  readonly distance: number
}

export interface Confidence {
  /** Standard error by the delete-a-group jackknife. */
  readonly error: number
  readonly groups: number
  /** Half of the set, the set without one group, the whole set. */
  readonly curve: readonly CurvePoint[]
  /**
   * Extrapolation to 1/n = 0 by a line over 1/n (Chong & Forsyth 2020, FID infinity), of the images only: the reference
   * stays as it is. Only from `LEAST_FOR_LIMIT` images.
   */
  readonly limit?: number
  /** Standard error of the limit: of the images, and of the choice of subsets. */
  readonly limitError?: number
}
/** Random divisions of the groups into two halves. */
const DIVISIONS = 5

/**
 * `parts` are interleaved groups of the set (`featuresToScatters`); a few dozen images each are enough. Computes
 * 1 + groups + 2 * DIVISIONS distances.
 */
export async function distanceConfidence(
  parts: readonly Scatter[],
  reference: FrechetReference,
): Promise<Confidence> {
  const G = parts.length
  if (G < 6 || G % 2 > 0)
    throw new RangeError(`confidence needs an even number of at least 6 groups, got ${G}`)
  const distance = (scatter: Scatter) => reference.distanceTo(scatterToStatistics(scatter))
  const whole = joined(parts)
  const ofAll = await distance(whole)
  const without: number[] = []
  for (const part of parts) without.push(await distance(joinScatters(whole, part, -1)))
  const halves: number[] = []
  for (const half of divisions(G)) {
    const own = joined(parts.filter((_, g) => half.has(g)))
    halves.push(((await distance(own)) + (await distance(joinScatters(whole, own, -1)))) / 2)
  }
  const curve = [
    { count: whole.count / 2, distance: mean(halves) },
    { count: (whole.count * (G - 1)) / G, distance: mean(without) },
    { count: whole.count, distance: ofAll },
  ].map((point) => ({ ...point, count: Math.round(point.count) }))
  const variance = jackknifeVariance(without)
  const error = Math.sqrt(variance)
  if (whole.count < LEAST_FOR_LIMIT) return { error, groups: G, curve }
  // The limit is about twice the whole minus the mean of the halves: what the halves differ by is noise of their choice.
  const ofHalves = mean(halves)
  const spread = halves.reduce((sum, half) => sum + (half - ofHalves) ** 2, 0)
  const ofChoice = spread / (halves.length * (halves.length - 1))
  return {
    error,
    groups: G,
    curve,
    limit: intercept(curve),
    limitError: Math.sqrt(variance + ofChoice),
  }
}

/** Half the width of the 95 % interval of an error from this number of groups, in standard errors. */
export const groupsFactor = (groups: number): number => studentQuantile(0.975, groups - 1)

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const joined = (parts: readonly Scatter[]) => parts.reduce((sum, part) => joinScatters(sum, part))

/** Different random halves of the groups 0 to G - 1, the same ones each time. */
function divisions(G: number): ReadonlySet<number>[] {
  const random = randomState(0)
  const found = new Map<string, ReadonlySet<number>>()
  while (found.size < DIVISIONS) {
    const order = random.permutation(G)
    const [half, rest] = [order.slice(0, G / 2).sort(), order.slice(G / 2).sort()]
    // By the half that has group 0, so that no division is counted twice.
    found.set((half[0] === 0 ? half : rest).join(), new Set(half))
  }
  return [...found.values()]
}

/** Intercept of the least-squares line of distance over 1/count. */
function intercept(points: readonly CurvePoint[]): number {
  const x = points.map(({ count }) => 1 / count)
  const meanX = mean(x)
  const meanY = mean(points.map(({ distance }) => distance))
  const covariance = points.reduce((sum, { distance }, i) => sum + (x[i]! - meanX) * (distance - meanY), 0)
  const variance = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0)
  return meanY - (covariance / variance) * meanX
}
