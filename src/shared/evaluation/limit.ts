// Why a measurement has no Frechet distance of infinitely many images.
import type { Stamp } from './evaluation.ts'

/** Below, the distance is not straight over 1/n: Chong & Forsyth 2020 start here. */
export const LEAST_FOR_LIMIT = 5000

/** How many more images it takes, of a measurement without the limit or its error. */
export function limitMissing(curve: NonNullable<Stamp['confidence']>['curve']): string {
  const count = curve.at(-1)?.count ?? 0
  const more = LEAST_FOR_LIMIT - count
  return more > 0
    ? `needs ${LEAST_FOR_LIMIT.toLocaleString('en-US')} samples, ${more.toLocaleString('en-US')} more`
    : 'measured without its error: measure again'
}
