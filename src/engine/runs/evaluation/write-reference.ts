// A folder of images -> a reference file for ADM's evaluator, and a sidecar file that records how it was made.
//   OUT.npz    arr_0 (images kept for precision and recall), mu, sigma, and for Inception-v3 mu_s, sigma_s
//   OUT.json   sidecar: images, crop, extractor, versions
import { dirname } from 'node:path'
import { APP } from '../../../shared/app.ts'
import type { ReferenceSpec } from '../../../shared/evaluation/evaluation.ts'
import { makeFolder, type StreamedArray, writeFileAtomic, writeNpzStream } from '../../bytes/index.ts'
import { fileToSha256 } from '../../model-set/file-hash.ts'
import { featuresToStatistics, PROTOCOLS, randomState, type Statistics } from '../../metrics/index.ts'
import { scope, type Keep } from '../../devices/scope.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { openModels } from '../../model-set/open-models.ts'
import { chooseDevice } from '../../devices/device-probe.ts'
import { openExtractor } from './open-extractor.ts'
import { openSetFeatures } from './features.ts'
import { openImageSet, type ImageSet } from './image-set.ts'
import { metricWork } from './look-at-sets.ts'
import { skippedOf } from './open-reference.ts'
import { surveyed, withAllProblems } from './survey.ts'

/** Seed of the choice of kept images. */
const KEEP_SEED = 0

export async function runReference(spec: ReferenceSpec, callbacks: RunCallbacks): Promise<RunResult> {
  return scope((keep) => writeReference(spec, callbacks, keep))
}

async function writeReference(spec: ReferenceSpec, callbacks: RunCallbacks, keep: Keep): Promise<RunResult> {
  callbacks.progress(0, 1, 'scanning models')
  const whole = await openImageSet(spec.images, spec.size)
  const [set] = (await surveyed([whole], spec.skipUnreadable === true, callbacks)) as [ImageSet]
  const models = keep(await openModels([spec.model], spec.choose))
  const { provider, reason } = await chooseDevice(spec.device)
  const extractor = keep(await openExtractor(PROTOCOLS[spec.protocol].extractor, models, provider, spec))
  const { layers, sha256 } = await withAllProblems([set], callbacks, async () =>
    keep(await openSetFeatures(set, extractor, callbacks)),
  )
  const work = await metricWork(callbacks, keep)
  callbacks.progress(set.count, set.count, 'statistics')
  const arrays: Record<string, StreamedArray> = {
    ...(spec.keep > 0 ? { arr_0: keptImages(set, Math.min(spec.keep, set.count)) } : {}),
    ...statisticsArrays('mu', 'sigma', await featuresToStatistics(layers.features!, work)),
    ...(layers.spatial
      ? statisticsArrays('mu_s', 'sigma_s', await featuresToStatistics(layers.spatial, work))
      : {}),
  }
  await makeFolder(dirname(spec.out))
  await writeNpzStream(spec.out, arrays)
  const sidecar = {
    schema: 1,
    app: `${APP.name} ${APP.version}`,
    images: {
      path: set.path,
      n: set.count,
      sha256,
      size: set.size ?? null,
      notes: set.notes,
      ...skippedOf(set),
    },
    extractor: {
      name: extractor.name,
      file: extractor.file,
      sha256: extractor.sha256,
      input: extractor.input,
      provider,
    },
    kept: spec.keep > 0 ? { n: Math.min(spec.keep, set.count), seed: KEEP_SEED } : null,
    sha256: await fileToSha256(spec.out),
  }
  await writeFileAtomic(spec.out.replace(/\.npz$/i, '') + '.json', JSON.stringify(sidecar, null, 2) + '\n')
  return {
    finished: set.count,
    summary: `statistics of ${set.count} images (${Object.keys(arrays).join(', ')}) written to ${spec.out}, ${reason}`,
  }
}

/**
 * A random choice, in the order of the set. The first images of a set sorted by class would be only its first classes.
 */
function keptImages(set: ImageSet, count: number): StreamedArray {
  const chosen = new Set(randomState(KEEP_SEED).choice(set.count, count))
  return {
    type: 'u8',
    shape: [count, set.height, set.width, 3],
    bytes: (async function* () {
      let number = 0
      for await (const { rgb } of set.images()) if (chosen.has(number++)) yield rgb
    })(),
  }
}

function statisticsArrays(
  mu: string,
  sigma: string,
  { mean, covariance }: Statistics,
): Record<string, StreamedArray> {
  const bytes = (values: Float64Array) => [
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  ]
  const D = mean.length
  return {
    [mu]: { type: 'f64', shape: [D], bytes: bytes(mean) },
    [sigma]: { type: 'f64', shape: [D, D], bytes: bytes(covariance.data) },
  }
}
