// Samples and a reference -> the metrics of a protocol, with the stamp that says how they came about.
//   OUT/metrics.jsonl   one line a measurement, added and never changed
import { join } from 'node:path'
import { APP } from '../../../shared/app.ts'
import type { EvaluateSpec, MeasuredSet, Stamp } from '../../../shared/evaluation.ts'
import { FormatError, RequestError } from '../../../shared/errors.ts'
import { codecVersion } from '../../images/index.ts'
import { fileToSha256 } from '../../library/index.ts'
import { PROTOCOLS, type FeatureRows, type Work } from '../../metrics/index.ts'
import { runtimeVersion } from '../../session/index.ts'
import { closing, type Keep } from '../closing.ts'
import { makeFolder } from '../folder-lock.ts'
import type { RunHooks, RunResult } from '../hooks.ts'
import { openModels } from '../import.ts'
import { chooseDevice } from '../probe.ts'
import { openProduct } from '../product.ts'
import { badgesOf } from './badges.ts'
import { openExtractor, type Extractor } from './extractor.ts'
import { openSetFeatures } from './features.ts'
import { holdsStatistics, openImageSet, type ImageSet } from './image-set.ts'
import { appendLine } from './jsonl.ts'
import { measure, type Measured } from './measure.ts'
import { checkDimensions, readReference } from './reference.ts'

export const METRICS_FILE = 'metrics.jsonl'

export async function runEvaluate(spec: EvaluateSpec, hooks: RunHooks): Promise<RunResult> {
  return closing((keep) => evaluate(spec, hooks, keep))
}

async function evaluate(spec: EvaluateSpec, hooks: RunHooks, keep: Keep): Promise<RunResult> {
  const begun = performance.now()
  const protocol = PROTOCOLS[spec.protocol]
  hooks.progress(0, 1, 'looking at the models')
  const samples = await openImageSet(spec.images, spec.size)
  if (samples.count < 2) throw new RequestError(`${spec.images}: ${samples.count} images; two are the least`)
  const models = keep(await openModels([spec.model], spec.choose))
  const { provider, reason } = await chooseDevice(spec.device)
  hooks.progress(0, 1, `opening the networks on ${provider}`)
  const extractor = keep(await openExtractor(protocol.extractor, models, provider, spec.inception))
  await makeFolder(spec.out)

  const own = keep(await openSetFeatures(samples, extractor, hooks))
  const other = await openReference(spec, samples, extractor, hooks, keep)
  const { product } = keep(await openProduct())
  const total = samples.count + (other.set?.count ?? 0)
  let words = ''
  const work: Work = {
    product,
    // A macrotask, so that a request to stop is heard between two blocks.
    pause: async () => {
      await new Promise(setImmediate)
      hooks.signal.throwIfAborted()
    },
  }
  const measured: Measured = {
    samples: own.layers,
    reference: other.layers,
    statistics: other.statistics,
    classes: {
      ...(samples.classes ? { samples: samples.classes } : {}),
      ...(other.set?.classes ? { reference: other.set.classes } : {}),
    },
  }
  const { notes, ...measures } = await named(spec, () =>
    measure(measured, protocol, {
      ...work,
      confidence: spec.confidence,
      perClass: spec.perClass,
      note: (note) => hooks.progress(total, total, (words = note)),
    }),
  )
  hooks.progress(total, total, words)
  const { madeBy } = samples
  const stamp: Stamp = {
    schema: 1,
    ...measures,
    metric: protocol.name,
    samples: {
      path: samples.path,
      n: samples.count,
      sha256: own.sha256,
      kind: 'images',
      crop: cropWords(samples.size),
    },
    reference: other.told,
    extractor: {
      name: extractor.name,
      file: extractor.file,
      sha256: extractor.sha256,
      input: extractor.input,
      provider,
    },
    badges: badgesOf({
      protocol,
      n: samples.count,
      width: extractor.layers.features!,
      classes: samples.classes,
      notes: [...notes, ...samples.notes, ...(other.set?.notes ?? [])],
    }),
    ...(madeBy ? { recipe: madeBy.recipe, models: madeBy.models } : {}),
    versions: {
      digit: APP.version,
      node: process.version,
      onnxruntime: runtimeVersion(),
      sharp: codecVersion(),
    },
    total_time: (performance.now() - begun) / 1000,
    timestamp: Date.now() / 1000,
  }
  const path = join(spec.out, METRICS_FILE)
  await appendLine(path, stamp)
  const values = Object.entries(stamp.results).map(
    ([name, value]) => `${name} ${Number(value.toPrecision(7))}`,
  )
  return {
    finished: samples.count,
    summary: `${values.join(', ')}; ${samples.count} images, ${protocol.name}, ${reason}; ${path}`,
  }
}

interface OpenReference {
  readonly layers: Readonly<Record<string, FeatureRows>>
  readonly statistics: Measured['statistics']
  readonly set?: ImageSet
  readonly told: MeasuredSet
}

/** Statistics, images, or a file with both: what each can serve for is taken from it. */
async function openReference(
  spec: EvaluateSpec,
  samples: ImageSet,
  extractor: Extractor,
  hooks: RunHooks,
  keep: Keep,
): Promise<OpenReference> {
  const path = spec.reference
  const read = (await holdsStatistics(path)) ? await readReference(path) : undefined
  if (read) {
    checkDimensions(path, read.features, extractor.layers.features!, extractor.name)
    if (read.spatial && extractor.layers.spatial)
      checkDimensions(path, read.spatial, extractor.layers.spatial, `spatial ${extractor.name}`)
  }
  // Samples that are not square leave the reference as it is: it must then have their size.
  const side = spec.size ?? (samples.width === samples.height ? samples.width : undefined)
  const set = !read || read.hasImages ? await openImageSet(path, side) : undefined
  const features = set && keep(await openSetFeatures(set, extractor, hooks))
  return {
    layers: features?.layers ?? {},
    statistics: read ?? {},
    ...(set ? { set } : {}),
    told: read
      ? {
          path,
          sha256: await fileToSha256(path),
          kind: 'statistics',
          crop: set
            ? `not told for the statistics; its ${set.count} images ${cropWords(side)}`
            : 'not told by the file',
        }
      : { path, n: set!.count, sha256: features!.sha256, kind: 'images', crop: cropWords(side) },
  }
}

const cropWords = (size: number | undefined) =>
  size === undefined ? 'as they are' : `Resize(${size}, bicubic) + CenterCrop(${size}), PIL`

/** Metrics know numbers alone: what they refuse is told with the sets it is about. */
async function named<T>(spec: EvaluateSpec, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RangeError)
      throw new FormatError(`${spec.images} against ${spec.reference}`, error.message)
    throw error
  }
}
