// Pictures with classes -> the accuracy of a linear classifier on each layer of stage 1.
//   OUT/probe.json      settings and models, and top-1 of every layer
//   OUT/features.npy    f32 [images, (layers + 1) C], mean states over the sequence
//   OUT/probe.csv       layer, train, validation
// Both are measured on centre crops, whatever parts a classifier was trained on.
import { join } from 'node:path'
import * as z from 'zod'
import { APP } from '../../../shared/app.ts'
import { RequestError } from '../../../shared/errors.ts'
import {
  layersProbed,
  PROBE_RECIPES,
  ProbeSpecSchema,
  ProbeTrainingSchema,
  type ProbedLayer,
  type ProbeSpec,
  type ProbeTraining,
} from '../../../shared/evaluation/linear-probe.ts'
import { writeFileAtomic } from '../../bytes/index.ts'
import { rowsInMemory, type FeatureRows, type Work } from '../../metrics/index.ts'
import { probeAccuracy, trainLinearProbe, type LinearProbe } from '../../metrics/linear-probe.ts'
import { scope, type Keep } from '../../devices/scope.ts'
import type { RowFile } from '../../records/row-file.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { openModels } from '../../model-set/open-models.ts'
import { listPictures } from '../../tokenizer/picture-list.ts'
import { chooseDevice } from '../../devices/device-probe.ts'
import { openMatrixProduct } from '../../devices/matrix-product.ts'
import { recordVersion, type WorkRecord } from '../../records/recipe.ts'
import { openWorkFolder } from '../../records/work-folder.ts'
import { writeLayerFeatures } from './layer-features.ts'
import { trainAsReleased, type ReleasePlan } from './release-recipe.ts'

export const PROBE_RECORD = 'probe.json'

const MOMENTUM = 0.9
/** Images held out per class if there is no validation folder. */
const KEPT_BACK = 5

/** `probe.json`. */
export interface ProbeRecord extends WorkRecord {
  readonly app: string
  readonly spec: ProbeSpec
  readonly started: string
  /** Number of layers, not counting the embedding. */
  readonly depth: number
  /** Numbers of training pictures, validation pictures and classes. */
  readonly counts: { readonly train: number; readonly validation: number; readonly classes: number }
  readonly training: ProbeTraining
  /** K of the tokens. Absent in records of 0.1. */
  readonly codes?: number
  /** Finished layers in order; all of them once the probe is done. */
  readonly layers?: readonly ProbedLayer[]
}

const count = z.number().int().min(0)

export const ProbeRecordSchema: z.ZodType<ProbeRecord> = z.object({
  schema: recordVersion,
  app: z.string(),
  recipe: z.unknown(),
  spec: ProbeSpecSchema,
  started: z.string(),
  depth: count,
  counts: z.object({ train: count, validation: count, classes: count }),
  training: ProbeTrainingSchema,
  codes: count.exactOptional(),
  layers: z.array(z.object({ layer: count, train: z.number(), validation: z.number() })).exactOptional(),
})

interface Labelled {
  readonly pictures: readonly string[]
  readonly labels: readonly number[]
  /** Indices of training and validation pictures. */
  readonly train: readonly number[]
  readonly validation: readonly number[]
}

export async function runProbe(spec: ProbeSpec, callbacks: RunCallbacks): Promise<RunResult> {
  return scope((keep) => probe(spec, callbacks, keep))
}

async function probe(spec: ProbeSpec, callbacks: RunCallbacks, keep: Keep): Promise<RunResult> {
  callbacks.progress(0, 1, 'scanning models')
  const models = keep(await openModels([spec.model], spec.choose))
  const probed = {
    encoder: await models.open('encoder'),
    codebook: await models.open('codebook'),
    stage1: await models.open('stage1'),
  }
  const { provider, reason } = await chooseDevice(spec.device)
  const { pictures, labels, train, validation } = await labelled(spec)
  const recipe = {
    encoder: probed.encoder.file.sha256,
    codebook: probed.codebook.file.sha256,
    stage1: probed.stage1.file.sha256,
    provider,
    pictures,
  }
  const folder = keep(await openWorkFolder(spec.out, PROBE_RECORD, ProbeRecordSchema, recipe))
  const training = trainingOf(spec)
  const { layers: depth, dim } = probed.stage1.config
  const classes = 1 + labels.reduce((most, label) => Math.max(most, label), 0)
  const record: ProbeRecord = {
    schema: 1,
    app: `${APP.name} ${APP.version}`,
    recipe,
    spec,
    started: folder.earlier?.started ?? new Date().toISOString(),
    depth,
    counts: { train: train.length, validation: validation.length, classes },
    training,
    codes: probed.codebook.codes,
  }
  const resumes = JSON.stringify(folder.earlier?.training) === JSON.stringify(training)
  await folder.saveRecord(record)
  const file = keep(
    await writeLayerFeatures(join(spec.out, 'features.npy'), pictures, probed, provider, callbacks),
  )

  const { matrixProduct } = keep(await openMatrixProduct())
  const work: Work = {
    matrixProduct,
    pause: async () => {
      await new Promise(setImmediate)
      callbacks.signal.throwIfAborted()
    },
  }
  const of = (numbers: readonly number[]) => numbers.map((i) => labels[i]!)
  const last = layersProbed(training, depth) - 1
  const released =
    training.recipe === 'release'
      ? await trainAsReleased(
          {
            pictures: train.map((i) => pictures[i]!),
            labels: of(train),
            classes,
            training,
            momentum: MOMENTUM,
            out: spec.out,
            resumes,
          },
          probed,
          provider,
          work,
          callbacks,
        )
      : undefined
  const layers: ProbedLayer[] = []
  for (let layer = 0; layer <= last; layer++) {
    callbacks.progress(layer, last + 1, `classifier for layer ${layer} of ${last}`)
    const rows = (numbers: readonly number[]) => layerRows(file, numbers, layer, dim)
    const [seen, unseen] = [await rows(train), await rows(validation)]
    const classifier: LinearProbe =
      released?.[layer] ??
      (await trainLinearProbe(
        seen,
        of(train),
        { classes, ...(training as OurTraining), momentum: MOMENTUM },
        work,
      ))
    layers.push({
      layer,
      train: await probeAccuracy(classifier, seen, of(train), work),
      validation: await probeAccuracy(classifier, unseen, of(validation), work),
    })
    await folder.saveRecord({ ...record, layers })
    callbacks.partFinished?.(String(layer))
  }
  const lines = layers.map(({ layer, train, validation }) => `${layer},${train},${validation}\n`)
  const path = join(spec.out, 'probe.csv')
  await writeFileAtomic(path, `layer,train,validation\n${lines.join('')}`)
  const best = layers.reduce((best, layer) => (layer.validation > best.validation ? layer : best))
  const top = (100 * best.validation).toFixed(1)
  return {
    finished: pictures.length,
    summary: `best top-1 ${top} % at layer ${best.layer} of ${depth} (${train.length} training images, ${validation.length} test images, ${classes} classes), ${path}, ${reason}`,
  }
}

interface OurTraining {
  readonly recipe: 'ours'
  readonly epochs: number
  readonly batch: number
  readonly learningRate: number
  readonly seed: number
}
type Training = OurTraining | (ReleasePlan['training'] & { readonly recipe: 'release' })

/** Complete. Throws RequestError for a length of the other recipe. */
function trainingOf({ recipe = 'ours', epochs, updates, batch, learningRate, seed }: ProbeSpec): Training {
  if (recipe === 'release' ? epochs !== undefined : updates !== undefined)
    throw new RequestError(
      recipe === 'release'
        ? 'epochs: not used by the recipe of the release (its length is in updates)'
        : 'updates: not used by our recipe (its length is in epochs)',
    )
  const { ours, release } = PROBE_RECIPES
  return recipe === 'release'
    ? { recipe, updates: updates ?? release.updates, batch, learningRate, seed }
    : { recipe, epochs: epochs ?? ours.epochs, batch, learningRate, seed }
}

/** Throws RequestError for pictures without classes, or too few to hold some out. */
async function labelled({ images, validation }: ProbeSpec): Promise<Labelled> {
  const own = await listPictures([images])
  const other = validation === undefined ? undefined : await listPictures([validation])
  for (const [path, list] of [
    [images, own],
    [validation, other],
  ] as const)
    if (list?.classes.some((label) => label === undefined))
      throw new RequestError(`${path}: no classes found (expected one subfolder per class)`)
  if (other && other.classNames.join('/') !== own.classNames.join('/'))
    throw new RequestError(`${images} and ${validation}: subfolders differ (both need the same classes)`)
  const pictures = [...own.pictures, ...(other?.pictures ?? [])]
  const labels = [...own.classes, ...(other?.classes ?? [])].flatMap((label) => label ?? [])
  const rankInClass = rankOf(own.classes)
  const isKeptBack = (i: number) =>
    other ? i >= own.pictures.length : rankInClass[i]! % KEPT_BACK === KEPT_BACK - 1
  const all = pictures.map((_, i) => i)
  const split = { train: all.filter((i) => !isKeptBack(i)), test: all.filter(isKeptBack) }
  if (split.train.length === 0 || split.test.length === 0)
    throw new RequestError(
      `${images}: too few images (found ${pictures.length}); each class needs at least ${KEPT_BACK} so that one can be held out`,
    )
  return { pictures, labels, train: split.train, validation: split.test }
}

/** The rank of each picture within its class. */
function rankOf(classes: readonly (number | undefined)[]): number[] {
  const seen = new Map<number | undefined, number>()
  return classes.map((label) => {
    const rank = seen.get(label) ?? 0
    seen.set(label, rank + 1)
    return rank
  })
}

/** One layer of some images in memory: 200 MB for 50,000 images of width 1024. */
async function layerRows(
  file: RowFile,
  numbers: readonly number[],
  layer: number,
  dim: number,
): Promise<FeatureRows> {
  const values = new Float32Array(numbers.length * dim)
  for (const [at, number] of numbers.entries()) {
    const row = new Float32Array((await file.read(number, number + 1)).buffer)
    values.set(row.subarray(layer * dim, (layer + 1) * dim), at * dim)
  }
  return rowsInMemory(values, dim)
}
