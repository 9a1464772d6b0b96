// Features of samples and of a reference -> the metrics of a protocol.
import type { ResultError, Stamp } from '../../../shared/evaluation/evaluation.ts'
import {
  CMMD_SCALE,
  CMMD_SIGMA,
  distanceConfidence,
  featuresToScatters,
  featuresToStatistics,
  frechetDistance,
  frechetReference,
  inceptionScore,
  kernelDistance,
  kernelError,
  maximumMeanDiscrepancy,
  NEIGHBOURHOOD,
  precisionRecall,
  type FeatureRows,
  type MetricName,
  type Protocol,
  type Statistics,
  type Work,
} from '../../metrics/index.ts'
import { groupsError, shareError, splitsError, subsetsError } from './errors.ts'
import type { MatchedClasses } from './match-classes.ts'
import { measureClasses } from './measure-classes.ts'

type LayerRows = Readonly<Record<string, FeatureRows>>

export interface Measured {
  readonly samples: LayerRows
  /** The reference: features of its images, statistics, or both. */
  readonly reference: LayerRows
  readonly statistics: { readonly features?: Statistics; readonly spatial?: Statistics }
  /** For values of each class. */
  readonly classes: MatchedClasses | undefined
}

export interface Measures extends Pick<Stamp, 'results' | 'settings' | 'perClass' | 'confidence'> {
  readonly errors: Readonly<Record<string, ResultError>>
  /** Of the reference's covariance. */
  readonly rank: number
  /** Metrics of the protocol that were left out or computed differently, and why. */
  readonly notes: string[]
}

export interface MeasureOptions extends Work {
  readonly confidence: boolean
  /** Leaves out the errors that take long. */
  readonly valuesOnly?: true
  note(words: string): void
}

/** What of a protocol needs images of the reference, besides the kernel distance. */
const IMAGE_METRICS: Readonly<Partial<Record<MetricName, string>>> = {
  prc: 'precision and recall',
  cmmd: 'CMMD',
}
const CONFIDENCE_GROUPS = 10
const LEAST_FOR_CONFIDENCE = 4 * CONFIDENCE_GROUPS

/** Computes every metric of the protocol that the reference allows. */
export async function measure(
  measured: Measured,
  protocol: Protocol,
  options: MeasureOptions,
): Promise<Measures> {
  const { samples, reference, statistics, classes } = measured
  const { note } = options
  const results: Record<string, number> = {}
  const settings: Record<string, string | number> = {}
  const errors: Record<string, ResultError> = {}
  const notes: string[] = []
  let rank = 0
  const kernel =
    protocol.extractor === 'inception'
      ? { name: 'kernel_inception_distance', words: 'KID' }
      : { name: 'kernel_dinov2_distance', words: 'KD' }
  const features = samples.features!
  const real = reference.features
  let confidence: Stamp['confidence']
  let within: Uint8Array | undefined

  for (const metric of protocol.metrics) {
    if (metric === 'fid') {
      note('Fréchet distance')
      const against = await frechetReference(
        statistics.features ?? (await featuresToStatistics(real!, options)),
        options,
      )
      const name = `frechet_${protocol.extractor}_distance`
      rank = against.rank
      results[name] = await against.distanceTo(await featuresToStatistics(features, options))
      if (options.confidence && features.count < LEAST_FOR_CONFIDENCE)
        notes.push(`confidence: needs at least ${LEAST_FOR_CONFIDENCE} samples`)
      else if (options.confidence) {
        note('confidence of the Fréchet distance')
        const parts = await featuresToScatters(features, CONFIDENCE_GROUPS, options)
        const { groups, ...found } = await distanceConfidence(parts, against)
        confidence = found
        errors[name] = groupsError(results[name], found.error, groups)
      }
    } else if (metric === 'sfid') {
      const given =
        statistics.spatial ?? (reference.spatial && (await featuresToStatistics(reference.spatial, options)))
      if (!given) notes.push('sFID: the reference has no mu_s and sigma_s')
      else {
        note('spatial Fréchet distance')
        results.spatial_frechet_inception_distance = await frechetDistance(
          await featuresToStatistics(samples.spatial!, options),
          given,
          options,
        )
      }
    } else if (metric === 'isc') {
      note('Inception Score')
      const splits = protocol.splits!
      if ('parts' in splits && features.count < splits.parts) {
        notes.push(`Inception Score: cannot divide ${features.count} images into ${splits.parts} splits`)
        continue
      }
      const { mean, std, splits: count } = await inceptionScore(samples.logits!, splits, options)
      results.inception_score_mean = mean
      if (count > 1) errors.inception_score_mean = splitsError(mean, std, count)
      if ('parts' in splits) results.inception_score_std = std
      settings.isc_splits = 'size' in splits ? `of ${splits.size}, in order` : splits.parts
      if ('shuffleSeed' in splits) settings.isc_shuffle_seed = splits.shuffleSeed!
    } else if (!real) notes.push(`${IMAGE_METRICS[metric] ?? kernel.words}: the reference has no images`)
    else if (metric === 'cmmd') {
      note('CMMD')
      results.clip_maximum_mean_discrepancy = await maximumMeanDiscrepancy(features, real, options)
      Object.assign(settings, { cmmd_sigma: CMMD_SIGMA, cmmd_scale: CMMD_SCALE })
    } else if (metric === 'kid') {
      note(kernel.words)
      const asked = protocol.subsets!
      const size = Math.min(asked.size, features.count, real.count)
      // If a subset is the whole of both sets, all subsets are the same.
      const isWhole = size === features.count && size === real.count
      const subsets = { ...asked, size, subsets: isWhole ? 1 : asked.subsets }
      if (size < asked.size)
        notes.push(`${kernel.words} uses subsets of ${size} images instead of the protocol's ${asked.size}`)
      const { mean, std } = await kernelDistance(features, real, subsets, options)
      const { name } = kernel
      results[`${name}_mean`] = mean
      // All subsets were the same: nothing was found out about their spread.
      if (!isWhole) results[`${name}_std`] = std
      if (Math.min(features.count, real.count) > 2 && !options.valuesOnly)
        errors[`${name}_mean`] = subsetsError(mean, std, subsets.subsets, {
          ...(await kernelError(features, real, options)),
          images: Math.min(features.count, real.count),
        })
      Object.assign(settings, {
        kid_subsets: subsets.subsets,
        kid_subset_size: subsets.size,
        kid_seed: subsets.seed,
      })
    } else if (Math.min(features.count, real.count) <= NEIGHBOURHOOD)
      notes.push(`precision and recall: needs more than ${NEIGHBOURHOOD} images in each set`)
    else {
      note('precision and recall')
      const found = await precisionRecall(features, real, options)
      Object.assign(results, { precision: found.precision, recall: found.recall, f_score: found.fScore })
      settings.prc_neighborhood = NEIGHBOURHOOD
      errors.precision = shareError(found.precision, features.count, 'samples, real images fixed')
      errors.recall = shareError(found.recall, real.count, 'real images, samples fixed')
      within = found.within
    }
  }
  const perClass = classes && (await measureClasses(features, classes, real, within, options))
  if (classes) settings.classes = classes.by
  return {
    results,
    errors,
    rank,
    settings,
    notes,
    ...(perClass ? { perClass } : {}),
    ...(confidence ? { confidence } : {}),
  }
}
