// Rows -> their coordinates along the directions of largest variance. Power iteration, float64, no matrix of D x D.
// Source of the method: Golub and Van Loan, Matrix Computations, 8.2 (orthogonal iteration). N = rows, D = width.

/** A direction has converged when its cosine with the previous one is this close to 1. */
const TOLERANCE = 1e-12
/** Directions of nearly equal variance may not have converged by then; any of them will do. */
const MAX_ITERATIONS = 100

export interface PrincipalComponents {
  /** [D] */
  readonly mean: Float64Array
  /**
   * `count` unit vectors [D], by decreasing variance. The entry of largest magnitude is positive, which fixes the sign.
   */
  readonly directions: readonly Float64Array[]
  /** Variance along each, dividing by N. */
  readonly variances: readonly number[]
}

/** @param rows [N, D] */
export function principalComponents(rows: Float32Array, D: number, count: number): PrincipalComponents {
  const N = rows.length / D
  const mean = new Float64Array(D)
  for (let i = 0; i < rows.length; i++) mean[i % D]! += rows[i]! / N
  const directions: Float64Array[] = []
  const variances: number[] = []
  while (directions.length < Math.min(count, D)) {
    let direction = startingDirection(D, directions)
    let variance = 0
    for (let i = 0; i < MAX_ITERATIONS; i++) {
      const { next, length } = step(rows, mean, direction, directions)
      variance = length / N
      const turned = 1 - Math.abs(dot(next, direction))
      direction = next
      if (turned < TOLERANCE || length === 0) break
    }
    directions.push(signed(direction))
    variances.push(variance)
  }
  return { mean, directions, variances }
}

/** Coordinates [N, count] of rows along the directions. */
export function projectRows(rows: Float32Array, { mean, directions }: PrincipalComponents): Float32Array {
  const D = mean.length
  const N = rows.length / D
  const out = new Float32Array(N * directions.length)
  for (let row = 0; row < N; row++)
    for (const [c, direction] of directions.entries()) {
      let sum = 0
      for (let i = 0; i < D; i++) sum += (rows[row * D + i]! - mean[i]!) * direction[i]!
      out[row * directions.length + c] = sum
    }
  return out
}

/** X^T X v without the found directions, normalised, and its length before. */
function step(rows: Float32Array, mean: Float64Array, v: Float64Array, found: readonly Float64Array[]) {
  const D = mean.length
  const next = new Float64Array(D)
  const offset = dot(mean, v)
  for (let at = 0; at < rows.length; at += D) {
    let along = -offset
    for (let i = 0; i < D; i++) along += rows[at + i]! * v[i]!
    for (let i = 0; i < D; i++) next[i]! += along * (rows[at + i]! - mean[i]!)
  }
  return unit(next, found, v)
}

function unit(v: Float64Array, found: readonly Float64Array[], otherwise: Float64Array) {
  for (const direction of found) {
    const along = dot(v, direction)
    for (let i = 0; i < v.length; i++) v[i]! -= along * direction[i]!
  }
  const length = Math.sqrt(dot(v, v))
  return length < 1e-12 ? { next: otherwise, length: 0 } : { next: v.map((x) => x / length), length }
}

/** A direction with a component along every axis. */
function startingDirection(D: number, found: readonly Float64Array[]): Float64Array {
  const v = Float64Array.from({ length: D }, (_, i) => Math.sin(i + 1))
  return unit(
    v,
    found,
    Float64Array.from({ length: D }, (_, i) => (i === 0 ? 1 : 0)),
  ).next
}

function signed(v: Float64Array): Float64Array {
  const largest = v.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0)
  return largest < 0 ? v.map((x) => -x) : v
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
