// Statistics of parts of a set -> the standard error of a Frechet distance, and its dependence on the number of images.
import type { FrechetReference } from './frechet-distance.ts'
import { joinScatters, scatterToStatistics, type Scatter } from './statistics.ts'

export interface CurvePoint {
  readonly count: number
  readonly distance: number
}

export interface Confidence {
  /** Standard error by the delete-a-group jackknife. */
  readonly error: number
  /** The distance of the first part, the first two parts, ... all parts. */
  readonly curve: readonly CurvePoint[]
  /** Extrapolation of the distance to 1/n = 0 by a line over 1/n (Chong & Forsyth 2020, FID infinity). */
  readonly limit: number
}

/**
 * `parts` are interleaved groups of the set (`featuresToScatters`); a few dozen images each are enough. The limit is
 * the intercept of a least-squares line over the second half of the curve, where it is straight.
 */
export async function distanceConfidence(
  parts: readonly Scatter[],
  reference: FrechetReference,
): Promise<Confidence> {
  const G = parts.length
  if (G < 4) throw new RangeError(`the jackknife needs at least 4 groups, got ${G}`)
  const distance = (scatter: Scatter) => reference.distanceTo(scatterToStatistics(scatter))
  const curve: CurvePoint[] = []
  let sofar: Scatter | undefined
  for (const part of parts) {
    sofar = sofar ? joinScatters(sofar, part) : part
    curve.push({ count: sofar.count, distance: await distance(sofar) })
  }
  const without: number[] = []
  for (const part of parts) without.push(await distance(joinScatters(sofar!, part, -1)))
  const mean = without.reduce((sum, value) => sum + value, 0) / G
  const squares = without.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return {
    error: Math.sqrt(((G - 1) / G) * squares),
    curve,
    limit: intercept(curve.slice(Math.floor(G / 2))),
  }
}

/** Intercept of the least-squares line of distance over 1/count. */
function intercept(points: readonly CurvePoint[]): number {
  const n = points.length
  const x = points.map(({ count }) => 1 / count)
  const meanX = x.reduce((sum, value) => sum + value, 0) / n
  const meanY = points.reduce((sum, { distance }) => sum + distance, 0) / n
  const covariance = points.reduce((sum, { distance }, i) => sum + (x[i]! - meanX) * (distance - meanY), 0)
  const variance = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0)
  return meanY - (covariance / variance) * meanX
}
