// The floor of a measurement: real images measured against other real images, as a perfect model would be.
import * as z from 'zod'

/** One result over the repeats. */
export interface FloorResult {
  readonly mean: number
  /** Standard deviation over the repeats, divisor R - 1. */
  readonly std: number
}

export interface Floor {
  /** Real images in the place of the samples. */
  readonly n: number
  /** The other real images, in the place of the reference. */
  readonly m: number
  /** Random divisions; each has another order of the reference. */
  readonly repeats: number
  /** Of the first division; the next one has the next seed. */
  readonly seed: number
  /** By the names of the measurement's results. */
  readonly results: Readonly<Record<string, FloorResult>>
}

const count = z.number().int().min(0)
export const FloorSchema: z.ZodType<Floor> = z.looseObject({
  n: count,
  m: count,
  repeats: count,
  seed: count,
  results: z.record(z.string(), z.looseObject({ mean: z.number(), std: z.number() })),
})

/** Student's 0.975 quantile with 9 degrees of freedom, for ten repeats. */
const T_OF_TEN = 2.2621571628
export const FLOOR_REPEATS = 10

/**
 * Where a perfect model's result is in 95 of 100 cases: the prediction interval of one more value of the repeats. The
 * repeats share images, which makes it too narrow; `npm run bench -- --only statistics` measures its coverage.
 */
export function floorRange(name: string, { mean, std }: FloorResult): readonly [number, number] {
  const half = T_OF_TEN * std * Math.sqrt(1 + 1 / FLOOR_REPEATS)
  const [least, most] = SHARES.has(name) ? [0, 1] : [NEVER_NEGATIVE.test(name) ? 0 : -Infinity, Infinity]
  return [Math.max(least, mean - half), Math.min(most, mean + half)]
}

/** Results between 0 and 1. */
const SHARES: ReadonlySet<string> = new Set(['precision', 'recall', 'f_score'])
/** Distances that are squares; the unbiased kernel distance can be below 0. */
const NEVER_NEGATIVE = /frechet_|^clip_maximum_mean_discrepancy$/

/** `real against real, n = 64, m = 512, 10 random divisions, seed 0`. */
export const floorWords = ({ n, m, repeats, seed }: Floor): string =>
  `real against real, n = ${n}, m = ${m}, ${repeats} random divisions, seed ${seed}`

/**
 * Where the floor is not of the measurement's own counts; undefined if it is. The images of both parts come from the one
 * reference, so its m is always smaller; distances fall with n and m.
 */
export function floorCaveat(floor: Floor, n: number | undefined, m: number | undefined): string | undefined {
  if (n !== undefined && floor.n < n)
    return `the reference has real images for n = ${floor.n} only: at n = ${n} distances of real images are lower`
  if (m !== undefined && floor.m < NEARLY * m)
    return `measured against m = ${floor.m} of the ${m} real images: against all of them distances are lower`
  return undefined
}

/** Of the reference's images; a distance then differs by less than its spread. */
const NEARLY = 0.8
