// Samples, a reference and a protocol -> all opened and checked, before anything is computed.
import { RequestError } from '../../../shared/errors.ts'
import type { ComparisonSpec } from '../../../shared/evaluation/evaluation.ts'
import { PROTOCOLS, type Protocol, type Work } from '../../metrics/index.ts'
import type { Provider } from '../../session/index.ts'
import type { Keep } from '../../devices/scope.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import { openModels } from '../../model-set/open-models.ts'
import { chooseDevice } from '../../devices/device-probe.ts'
import { openMatrixProduct } from '../../devices/matrix-product.ts'
import { type Extractor } from './extractor.ts'
import { openExtractor } from './open-extractor.ts'
import { openImageSet, type ImageSet } from './image-set.ts'
import { lookAtReference, withSet, type FoundReference } from './open-reference.ts'
import { surveyed } from './survey.ts'

export interface SetsToCompare {
  readonly protocol: Protocol
  readonly samples: ImageSet
  readonly reference: FoundReference
  readonly extractor: Extractor
  readonly provider: Provider
  /** Why this device was selected. */
  readonly reason: string
}

/**
 * Throws RequestError, FormatError or ModelError with the name of the unsuitable set or file; all unreadable images, and
 * all sizes, together.
 */
export async function lookAtSets(
  spec: ComparisonSpec,
  callbacks: RunCallbacks,
  keep: Keep,
): Promise<SetsToCompare> {
  const protocol = PROTOCOLS[spec.protocol]
  callbacks.progress(0, 1, 'scanning models')
  const samples = await openImageSet(spec.images, spec.size)
  if (samples.count < 2)
    throw new RequestError(`${spec.images}: needs at least 2 images, got ${samples.count}`)
  const models = keep(await openModels([spec.model], spec.choose))
  const { provider, reason } = await chooseDevice(spec.device)
  callbacks.progress(0, 1, `loading networks on ${provider}`)
  const extractor = keep(await openExtractor(protocol.extractor, models, provider, spec))
  const reference = await lookAtReference(spec, samples, extractor)
  const real = reference.set ? [reference.set] : []
  const [own, other] = await surveyed([samples, ...real], spec.skipUnreadable === true, callbacks)
  return {
    protocol,
    samples: own!,
    reference: other ? withSet(reference, other) : reference,
    extractor,
    provider,
    reason,
  }
}

/** Passed to the metrics: a fast matrix product, and pauses between blocks for other work. */
export async function metricWork(callbacks: RunCallbacks, keep: Keep): Promise<Required<Work>> {
  const { matrixProduct } = keep(await openMatrixProduct())
  return {
    matrixProduct,
    pause: async () => {
      // A macrotask, so that a request to stop is received between two blocks.
      await new Promise(setImmediate)
      await callbacks.turn?.()
      callbacks.signal.throwIfAborted()
    },
  }
}
