// Features of the settings that are still compared -> what a look says: distances, intervals, and who is beaten.
import { levelOfLook, pairsOf } from '../../../shared/verdict/looks.ts'
import type { DecidingMetric } from '../../../shared/verdict/spec.ts'
import type { Compared, Look } from '../../../shared/verdict/verdict.ts'
import {
  drawCounts,
  factorReference,
  intervalFactor,
  kernelToReference,
  pairedDifference,
  resampledFrechet,
  resampledKernel,
  type FactoredReference,
  type FeatureRows,
  type Matrix,
  type Resampled,
  type Statistics,
  type Work,
} from '../../metrics/index.ts'

/** Resamples; fewer where one costs much, down to the least, which Student's quantile accounts for. */
const MOST_RESAMPLES = 200
const LEAST_RESAMPLES = 60
/** Floating point operations of a setting's eigenvalues at one look: a few minutes. */
const WORTH = 3e11
/** Of the resamples: the same at every look and in every verdict. */
const SEED = 2020

export interface JudgeReference {
  readonly factored: FactoredReference
  /** Of its images, for KID. */
  readonly rows?: FeatureRows | undefined
}

export async function judgeReference(
  statistics: Statistics,
  rows: FeatureRows | undefined,
  work: Work,
): Promise<JudgeReference> {
  return { factored: await factorReference(statistics, work), rows }
}

/** Of one setting, over the resamples that all settings share. */
export interface JudgedSetting {
  readonly name: string
  readonly fd: Resampled
  readonly kid?: Resampled
}

/** @param rank of the reference */
export function resamplesFor(n: number, rank: number): number {
  // About 0.63 n different images are drawn; tridiagonal form takes 4/3 m^3 operations.
  const side = Math.min(0.63 * n, rank)
  const worth = Math.floor(WORTH / ((4 / 3) * side ** 3))
  return Math.min(MOST_RESAMPLES, Math.max(LEAST_RESAMPLES, worth))
}

/** `features` [n, D], row i of image i. */
export async function judgeSetting(
  name: string,
  features: Matrix,
  { factored, rows }: JudgeReference,
  resamples: number,
  work: Work,
): Promise<JudgedSetting> {
  const counts = drawCounts(features.rows, resamples, SEED)
  const fd = await resampledFrechet(features, factored, counts, work)
  if (!rows) return { name, fd }
  const toReference = await kernelToReference(features, rows, work)
  return { name, fd, kid: await resampledKernel(features, toReference, counts, work) }
}

/**
 * A setting is beaten if the interval of its distance minus another one's is above zero. Beaten settings are not compared
 * further; their pairs keep their share of the error.
 * @param before the look before, for settings that were beaten then
 */
export function judge(
  judged: readonly JudgedSetting[],
  before: readonly Look[],
  order: readonly string[],
  by: DecidingMetric,
  n: number,
): Pick<Look, 'n' | 'level' | 'resamples' | 'settings' | 'pairs'> {
  const level = levelOfLook(before.length + 1, pairsOf(order.length))
  const resamples = judged[0]!.fd.again.length
  const factor = intervalFactor(level, n, resamples)
  const compared = (a: Resampled, b: Resampled): Compared => {
    const { difference, error } = pairedDifference(a, b)
    return { difference, error, low: difference - factor * error, high: difference + factor * error }
  }
  const pairs = judged.flatMap((a, i) =>
    judged.slice(i + 1).map((b) => ({
      a: a.name,
      b: b.name,
      fd: compared(a.fd, b.fd),
      ...(a.kid && b.kid ? { kid: compared(a.kid, b.kid) } : {}),
    })),
  )
  const beaten = new Map<string, string>()
  for (const { a, b, ...found } of pairs) {
    const { low, high } = found[by] ?? found.fd
    if (low > 0) beaten.set(a, b)
    if (high < 0) beaten.set(b, a)
  }
  const earlier = new Map(before.at(-1)?.settings.map((setting) => [setting.name, setting]))
  const settings = order.map((name) => {
    const found = judged.find((setting) => setting.name === name)
    if (!found) return earlier.get(name)!
    const beatenBy = beaten.get(name)
    return {
      name,
      fd: found.fd.value,
      ...(found.kid ? { kid: found.kid.value } : {}),
      ...(beatenBy === undefined ? {} : { beatenBy }),
    }
  })
  return { n, level, resamples, settings, pairs }
}
