// Samples, a reference and a network -> the number of images left to process and the time needed, before anything is
// opened.
import { RequestError } from '../../../shared/errors.ts'
import type { ComparisonSpec } from '../../../shared/evaluation/evaluation.ts'
import type { EvaluationCost, ImagesToDo } from '../../../shared/evaluation/measurements.ts'
import { readRate } from './extraction-rate.ts'
import type { Extractor } from './extractor.ts'
import { cachedImages } from './feature-files.ts'
import { openImageSet, type ImageSet } from './image-set.ts'
import { lookAtReference } from './open-reference.ts'

/** Throws RequestError or FormatError if the measurement is impossible. */
export async function estimateEvaluation(
  spec: Pick<ComparisonSpec, 'images' | 'reference' | 'size'>,
  network: Pick<Extractor, 'name' | 'sha256' | 'layers'>,
): Promise<EvaluationCost> {
  const samples = await openImageSet(spec.images, spec.size)
  if (samples.count < 2)
    throw new RequestError(`${spec.images}: needs at least 2 images, got ${samples.count}`)
  const { set } = await lookAtReference(spec, samples, network)
  const toDo = async (of: ImageSet): Promise<ImagesToDo> => ({
    images: of.count,
    left: Math.max(0, of.count - (await cachedImages(of, network))),
  })
  const own = await toDo(samples)
  const other = set ? await toDo(set) : { images: 0, left: 0 }
  const rate = await readRate(network.sha256)
  return {
    samples: own,
    reference: other,
    ...(rate === undefined ? {} : { seconds: (own.left + other.left) * rate }),
  }
}
