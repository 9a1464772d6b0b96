// Numbers from which an error follows -> the standard error and the 95 % interval of a result, and how they were found.
import type { ResultError } from '../../../shared/evaluation/evaluation.ts'
import { NORMAL_95, shareInterval } from '../../../shared/evaluation/share-interval.ts'
import { groupsFactor, studentQuantile } from '../../metrics/index.ts'

const around = (value: number, error: number, factor: number, method: string): ResultError => ({
  error,
  low: value - factor * error,
  high: value + factor * error,
  method,
})

/** Of a Frechet distance at its n: the bias of few images is in it, and not in its error. */
export const groupsError = (value: number, error: number, groups: number): ResultError =>
  around(
    value,
    error,
    groupsFactor(groups),
    `delete-a-group jackknife over the samples, ${groups} groups, reference fixed`,
  )

/** Of the mean over splits, which share no images. @param std over the splits, dividing by their number */
export const splitsError = (mean: number, std: number, splits: number): ResultError =>
  around(mean, std / Math.sqrt(splits - 1), studentQuantile(0.975, splits - 1), `over ${splits} splits`)

/**
 * Of a mean over random subsets: that of all pairs of images, and the noise of the subsets, of which another draw would
 * give another mean. @param images of the smaller set
 */
export const subsetsError = (
  mean: number,
  std: number,
  subsets: number,
  whole: { readonly error: number; readonly images: number },
): ResultError =>
  around(
    mean,
    Math.sqrt(whole.error ** 2 + std ** 2 / subsets),
    whole.images > 1000 ? NORMAL_95 : studentQuantile(0.975, whole.images - 1),
    'delete-one jackknife over samples and real images, and the noise of the subsets',
  )

export const shareError = (share: number, n: number, over: string): ResultError => ({
  ...shareInterval(share, n),
  method: `binomial over the ${over} (Wilson interval)`,
})
