// A reference: statistics, images, or a file with both. Each gives what it can.
import type { ComparisonSpec, MeasuredSet } from '../../../shared/evaluation/evaluation.ts'
import { fileToSha256 } from '../../model-set/file-hash.ts'
import type { FeatureRows } from '../../metrics/index.ts'
import type { Keep } from '../../devices/scope.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import type { Extractor } from './extractor.ts'
import { openSetFeatures } from './features.ts'
import { cropWords, holdsStatistics, openImageSet, type ImageSet } from './image-set.ts'
import type { Measured } from './measure.ts'
import { checkDimensions, readReference, type ReferenceStatistics } from './reference.ts'

/** A reference that was opened but not yet read. */
export interface FoundReference {
  readonly path: string
  readonly statistics?: ReferenceStatistics
  readonly set?: ImageSet
  /** Side that its images are resized to. */
  readonly size: number | undefined
  /** Changes when the reference changes. For statistics, the sha256 of their file. */
  readonly identity: string
}

export interface OpenReference {
  readonly layers: Readonly<Record<string, FeatureRows>>
  readonly statistics: Measured['statistics']
  readonly set?: ImageSet
  /** Where the features of its images are cached. */
  readonly folder?: string
  readonly told: MeasuredSet
}

/** Throws RequestError for statistics of features other than the extractor's. */
export async function lookAtReference(
  spec: Pick<ComparisonSpec, 'reference' | 'size'>,
  samples: ImageSet,
  extractor: Pick<Extractor, 'name' | 'layers'>,
): Promise<FoundReference> {
  const path = spec.reference
  const statistics = (await holdsStatistics(path)) ? await readReference(path) : undefined
  if (statistics) {
    checkDimensions(path, statistics.features, extractor.layers.features!, extractor.name)
    if (statistics.spatial && extractor.layers.spatial)
      checkDimensions(path, statistics.spatial, extractor.layers.spatial, `spatial ${extractor.name}`)
  }
  // If the samples are not square, the reference is not resized and must have their size.
  const size = spec.size ?? (samples.width === samples.height ? samples.width : undefined)
  const set = !statistics || statistics.hasImages ? await openImageSet(path, size) : undefined
  const identity = statistics ? await fileToSha256(path) : set!.identity
  return { path, size, identity, ...(statistics ? { statistics } : {}), ...(set ? { set } : {}) }
}

/** The same reference without some of its images. */
export const withSet = (reference: FoundReference, set: ImageSet): FoundReference => ({
  ...reference,
  set,
  identity: reference.statistics ? reference.identity : set.identity,
})

/** For the stamp. */
export const skippedOf = ({ skipped }: ImageSet): Pick<MeasuredSet, 'skipped'> =>
  skipped.length > 0 ? { skipped } : {}

export async function openReference(
  { path, statistics, set, size, identity }: FoundReference,
  extractor: Extractor,
  callbacks: RunCallbacks,
  keep: Keep,
): Promise<OpenReference> {
  const features = set && keep(await openSetFeatures(set, extractor, callbacks))
  const told: MeasuredSet = statistics
    ? {
        path,
        sha256: identity,
        kind: 'statistics',
        crop: set ? `unknown for the statistics; its ${set.count} images ${cropWords(size)}` : 'unknown',
      }
    : {
        path,
        n: set!.count,
        sha256: features!.sha256,
        kind: 'images',
        crop: cropWords(size),
        ...skippedOf(set!),
      }
  return {
    layers: features?.layers ?? {},
    statistics: statistics ?? {},
    ...(set ? { set } : {}),
    ...(features ? { folder: features.folder } : {}),
    told,
  }
}
