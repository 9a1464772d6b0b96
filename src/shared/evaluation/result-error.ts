// A measurement and one of its results -> how far the result may be off, and how that was found.
import type { ResultError, Stamp } from './evaluation.ts'

export type KnownError = Pick<ResultError, 'error' | 'method'> & Partial<ResultError>

/** Of the only error in records of 0.1: of the main Frechet distance. */
const JACKKNIFE = 'delete-a-group jackknife over the samples, 10 groups, reference fixed'
const MAIN = ['frechet_inception_distance', 'frechet_dinov2_distance']

/** Undefined if no error was computed: that is not an error of 0. */
export function resultError(
  { errors, confidence }: Pick<Stamp, 'errors' | 'confidence'>,
  name: string,
): KnownError | undefined {
  if (errors?.[name]) return errors[name]
  return confidence && MAIN.includes(name) ? { error: confidence.error, method: JACKKNIFE } : undefined
}

/** Of all results that have one. */
export function knownErrors(stamp: Pick<Stamp, 'results' | 'errors' | 'confidence'>) {
  const found = Object.keys(stamp.results).flatMap((name) => {
    const error = resultError(stamp, name)
    return error ? [[name, error] as const] : []
  })
  return Object.fromEntries(found)
}
