// Samples and a reference -> the metrics of a protocol, with a stamp that records how they were made.
//   OUT/metrics.jsonl   one line per measurement; lines are only added
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { makeFolder } from '../../bytes/index.ts'
import { APP } from '../../../shared/app.ts'
import type { EvaluateSpec, Stamp } from '../../../shared/evaluation/evaluation.ts'
import { FormatError, RequestError } from '../../../shared/errors.ts'
import { pathToNotFinite } from '../../../shared/finite.ts'
import { codecVersion } from '../../images/index.ts'
import { runtimeVersion } from '../../session/index.ts'
import { scope, type Keep } from '../../devices/scope.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { badgesOf } from './badges.ts'
import { EXTRACTOR_VERSION } from './extractor.ts'
import { openSetFeatures } from './features.ts'
import { referenceFloor } from './floor.ts'
import { cropWords, openImageSet, type ImageSet } from './image-set.ts'
import { matchClasses, type MatchedClasses } from './match-classes.ts'
import { appendLine } from '../../records/jsonl.ts'
import { lookAtSets, metricWork } from './look-at-sets.ts'
import { measure, type Measured } from './measure.ts'
import { measureMemorization } from './memorization.ts'
import { openReference, skippedOf } from './open-reference.ts'
import { measureReconstructions, PAIRS_VERSION } from './reconstructions.ts'
import { surveyed, withAllProblems } from './survey.ts'
import { listStamp, METRICS_FILE, readAllStamps } from '../../records/stamps.ts'

export async function runEvaluate(spec: EvaluateSpec, callbacks: RunCallbacks): Promise<RunResult> {
  return scope((keep) => evaluate(spec, callbacks, keep))
}

async function evaluate(spec: EvaluateSpec, callbacks: RunCallbacks, keep: Keep): Promise<RunResult> {
  const begun = performance.now()
  const sets = await lookAtSets(spec, callbacks, keep)
  const { protocol, samples, reference, extractor, provider, reason } = sets
  const heldOut = spec.isTrainingSet ? await heldOutOf(spec, samples, callbacks) : undefined
  await makeFolder(spec.out)
  const path = join(spec.out, METRICS_FILE)
  const key = measurementKey([
    [samples.identity, samples.width, samples.height, reference.identity, spec.size],
    [protocol, extractor.sha256, EXTRACTOR_VERSION, provider, spec.confidence, spec.perClass],
    STATISTICS_VERSION,
    ...(spec.floor ? ['floor'] : []),
    ...(samples.madeBy?.isReconstruction ? ['reconstructions', PAIRS_VERSION] : []),
    ...(spec.isTrainingSet ? ['memorization', heldOut?.identity ?? ''] : []),
  ])
  const before = (await readAllStamps(path)).stamps.find(({ stamp }) => stamp.key === key)
  if (before) {
    if (!before.listed) await listStamp(path, key, true)
    return {
      finished: samples.count,
      summary: `${samples.count} images were measured before; ${path}`,
      measured: key,
    }
  }

  const classes = spec.perClass ? classesOf(samples, reference.set) : undefined
  const real = reference.set ? [reference.set] : []
  const [own, other] = await withAllProblems([samples, ...real], callbacks, async () => [
    keep(await openSetFeatures(samples, extractor, callbacks)),
    await openReference(reference, extractor, callbacks, keep),
  ])
  const total = samples.count + (other.set?.count ?? 0)
  let words = ''
  const work = await metricWork(callbacks, keep)
  const measured: Measured = {
    samples: own.layers,
    reference: other.layers,
    statistics: other.statistics,
    classes: classes?.matched,
  }
  const note = (note: string) => callbacks.progress(total, total, (words = note))
  const { notes, rank, ...compared } = await named(spec, () =>
    measure(measured, protocol, { ...work, confidence: spec.confidence, note }),
  )
  const pairs = samples.madeBy?.isReconstruction
    ? await measureReconstructions(samples, other.set, { ...callbacks, note })
    : undefined
  const copies = spec.isTrainingSet
    ? await measureMemorization(
        { samples: own.layers.features!, training: other.layers.features, heldOut },
        extractor,
        work,
        { ...callbacks, note },
        keep,
      )
    : undefined
  const measures = {
    ...compared,
    results: { ...compared.results, ...pairs?.results, ...copies?.results },
    settings: {
      ...codebookSettings(samples),
      ...compared.settings,
      ...pairs?.settings,
      ...copies?.settings,
    },
  }
  const floor =
    spec.floor && other.folder !== undefined
      ? await referenceFloor(other.layers, samples.count, protocol, other.folder, { ...work, note })
      : undefined
  if (spec.floor && !floor) notes.push('floor: the reference has no images, or fewer than 20')
  // JSON would write it as null.
  const odd = pathToNotFinite(measures)
  if (odd) throw new FormatError(`${spec.images} against ${spec.reference}`, `${odd.join('.')}: not finite`)
  callbacks.progress(total, total, words)
  const { madeBy } = samples
  const stamp: Stamp = {
    schema: 1,
    key,
    ...measures,
    ...(floor ? { floor } : {}),
    metric: protocol.name,
    samples: {
      path: samples.path,
      n: samples.count,
      sha256: own.sha256,
      kind: 'images',
      crop: cropWords(samples.size),
      ...skippedOf(samples),
    },
    reference: other.told,
    extractor: {
      name: extractor.name,
      file: extractor.file,
      sha256: extractor.sha256,
      input: extractor.input,
      provider,
      network: extractor.network,
    },
    badges: badgesOf({
      protocol,
      n: samples.count,
      reference: {
        ...(other.set ? { n: other.set.count } : {}),
        rank,
        isSamples: other.told.sha256 === own.sha256,
      },
      width: extractor.layers.features!,
      isTokenizer: extractor.isTokenizer,
      classes: samples.classes,
      matched: matchedClasses(samples, reference.set),
      notes: [
        ...(pairs?.notes ?? []),
        ...(copies?.notes ?? []),
        ...notes,
        ...(classes?.notes ?? []),
        ...samples.notes,
        ...(other.set?.notes ?? []),
      ],
    }),
    ...(madeBy ? { recipe: madeBy.recipe, models: madeBy.models } : {}),
    versions: {
      digit: APP.version,
      node: process.version,
      onnxruntime: runtimeVersion(),
      sharp: await codecVersion(),
    },
    total_time: (performance.now() - begun) / 1000,
    timestamp: Date.now() / 1000,
  }
  await appendLine(path, stamp)
  return {
    finished: samples.count,
    summary: `measured ${samples.count} images, ${protocol.name}, ${reason}; ${path}`,
    measured: key,
  }
}

/** K of each token layer of the samples, for the methods text. */
function codebookSettings({ madeBy }: ImageSet): Stamp['settings'] {
  const { discriminative, codes } = madeBy?.codebooks ?? {}
  return {
    ...(discriminative === undefined ? {} : { discriminative_codebook: discriminative }),
    ...(codes === undefined ? {} : { vqgan_codebook: codes }),
  }
}

/** The held-out images at the size of the samples, as the reference is. */
async function heldOutOf(
  { heldOut, size, skipUnreadable }: EvaluateSpec,
  { width, height }: ImageSet,
  callbacks: RunCallbacks,
): Promise<ImageSet | undefined> {
  if (heldOut === undefined) return undefined
  const set = await openImageSet(heldOut, size ?? (width === height ? width : undefined))
  const [checked] = await surveyed([set], skipUnreadable === true, callbacks)
  return checked
}

/** To be increased when the same features give other numbers, errors or caveats. */
const STATISTICS_VERSION = 2

/** Equal if measuring again would give the same numbers. */
const measurementKey = (parts: unknown) => createHash('sha256').update(JSON.stringify(parts)).digest('hex')

/** The classes of both sets, and what is left out of the values of each class. */
function classesOf(
  samples: ImageSet,
  reference: ImageSet | undefined,
): { readonly matched?: MatchedClasses; readonly notes: readonly string[] } {
  const of = ({ path, classes, classNames }: ImageSet) => classes && { path, classes, classNames }
  const [own, real] = [of(samples), reference && of(reference)]
  if (!own) return { notes: [`values of each class: ${samples.path} has no classes`] }
  return {
    matched: matchClasses(own, real),
    notes: real ? [] : ['Fréchet distance of each class: the reference has no images with classes'],
  }
}

/** The classes of both sets where they can be matched; for a caveat only, so sets without common classes pass. */
function matchedClasses(samples: ImageSet, reference: ImageSet | undefined) {
  if (!samples.classes || !reference?.classes) return undefined
  const of = ({ path, classes, classNames }: ImageSet) => ({ path, classes: classes!, classNames })
  try {
    const { samples: own, reference: real } = matchClasses(of(samples), of(reference))
    return { samples: own, reference: real! }
  } catch (error) {
    if (error instanceof RequestError || error instanceof FormatError) return undefined
    throw error
  }
}

/** Metrics know only numbers, so the names of the sets are added to their errors. */
async function named<T>(spec: EvaluateSpec, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RangeError)
      throw new FormatError(`${spec.images} against ${spec.reference}`, error.message)
    throw error
  }
}
