// Pictures -> features -> K-Means -> km_<K>.npy, which the official code loads, and a report. The folder:
//   kmeans.json         recipe, and at the end the report
//   features/*.npy      float16 features, kept: `digit kmeans FOLDER/features/*.npy` clusters them again
//   training.npz        state of the training
//   km_8k.npy           float32 [K, D]
import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import * as z from 'zod'
import { APP } from '../../../shared/app.ts'
import { RequestError } from '../../../shared/errors.ts'
import type { KMeansSpec } from '../../../shared/run/run.ts'
import { encodeNpy, fileProblem, writeFileAtomic } from '../../bytes/index.ts'
import { fileToSha256 } from '../../model-set/file-hash.ts'
import type { Provider } from '../../session/index.ts'
import { startingPoints, trainingPoints } from '../../tokens/kmeans/faiss.ts'
import { train, type Training, type TrainingPlan } from '../../tokens/kmeans/train.ts'
import { readTraining, writeTraining } from '../../tokens/kmeans/training-file.ts'
import { openAssigner } from './assign.ts'
import { scope, type Keep } from '../../devices/scope.ts'
import { openFeatures, type FeaturePoints } from '../../tokenizer/feature-shards.ts'
import { chosenPictures, FEATURES, writeFeatures } from '../../tokenizer/features.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { openModels } from '../../model-set/open-models.ts'
import { codebookName, kmeansReport, type KMeansReport } from './kmeans-report.ts'
import { listPictures } from '../../tokenizer/picture-list.ts'
import { chooseDevice } from '../../devices/device-probe.ts'
import { recordVersion } from '../../records/recipe.ts'
import { openWorkFolder } from '../../records/work-folder.ts'

export interface KMeansRecord {
  readonly schema: 1
  readonly app: string
  readonly recipe: unknown
  readonly spec: KMeansSpec
  readonly started: string
  readonly report?: KMeansReport
}

export const KMEANS_RECORD = 'kmeans.json'
export const KMeansRecordSchema: z.ZodType<KMeansRecord> = z.object({
  schema: recordVersion,
  app: z.string(),
  recipe: z.unknown(),
  started: z.string(),
  // For people; nothing reads them back.
  spec: z.custom<KMeansSpec>(),
  report: z.custom<KMeansReport>().exactOptional(),
})

const TRAINING = 'training.npz'

/** @param assign a pass over the training points that is not done here. @default all of it is */
export async function runKMeans(
  spec: KMeansSpec,
  callbacks: RunCallbacks,
  assign?: TrainingPlan['assign'],
): Promise<RunResult> {
  return scope((keep) => kmeans(spec, callbacks, keep, assign))
}

async function kmeans(
  spec: KMeansSpec,
  callbacks: RunCallbacks,
  keep: Keep,
  assign: TrainingPlan['assign'] | undefined,
): Promise<RunResult> {
  const { provider, reason } = await chooseDevice(spec.device)
  const input = await kmeansInput(spec, callbacks, keep)
  const { k, iterations, restarts, maxPointsPerCentroid, seed } = spec
  const recipe = { ...input.recipe, k, iterations, restarts, maxPointsPerCentroid, seed, provider }
  const folder = keep(await openWorkFolder(spec.out, KMEANS_RECORD, KMeansRecordSchema, recipe))
  const record: KMeansRecord = {
    schema: 1,
    app: `${APP.name} ${APP.version}`,
    recipe,
    spec,
    started: folder.earlier?.started ?? new Date().toISOString(),
  }
  if (!folder.earlier) await folder.saveRecord(record)
  const points = keep(await openFeatures(await input.features(provider)))
  const wanted = trainingPoints(points.count, k, maxPointsPerCentroid, seed)
  const ownPlan = keep(await trainingPlan(spec, points, wanted, provider, callbacks))
  const plan = assign ? { ...ownPlan, assign } : ownPlan
  const path = join(spec.out, TRAINING)
  const earlier = await stat(path).then(
    () => readTraining(path),
    () => undefined,
  )
  const training = await train(
    { ...plan, onIteration: (training) => afterIteration(path, training, spec, callbacks) },
    earlier,
  )
  const best = training.best!
  callbacks.progress(iterations * restarts, iterations * restarts, 'evaluating clusters')
  const { sizes, objective } = await plan.assign(best.centroids)
  const name = codebookName(k)
  await writeFileAtomic(join(spec.out, name), encodeNpy({ data: best.centroids, shape: [k, points.width] }))
  const report = kmeansReport({ training, best: best.restart, sizes, objective, points: points.count })
  await folder.saveRecord({ ...record, report })
  return {
    finished: iterations * restarts,
    summary:
      `${join(spec.out, name)}: ${k} centroids of ${points.width} dimensions from ${wanted.length} of ${points.count} points, ` +
      `quantization error ${report.quantisationError.toPrecision(6)} (mean squared distance), ` +
      `${report.deadClusters.length} dead clusters, ${reason}`,
  }
}

/** The points to cluster: files of features, or pictures that are encoded first. */
interface Input {
  /** Everything that decides the points. */
  readonly recipe: object
  /** Number of pictures; undefined for files of features. */
  readonly pictures?: number
  /** Encodes what is missing, of `only` these pictures. Returns the paths of all files of features. */
  features(provider: Provider, only?: Parameters<typeof writeFeatures>[5]): Promise<readonly string[]>
}

export async function kmeansInput(spec: KMeansSpec, callbacks: RunCallbacks, keep: Keep): Promise<Input> {
  if (isOfFeatures(spec.images)) {
    const paths = spec.images.map((path) => resolve(path))
    const hashes: string[] = []
    for (const path of paths) hashes.push(await fileToSha256(path))
    return { recipe: { features: hashes }, features: async () => paths }
  }
  callbacks.progress(0, 1, 'scanning models')
  const models = keep(await openModels([spec.model], spec.choose))
  const encoder = await models.open('encoder')
  const listed = (await listPictures(spec.images)).pictures
  const { patches, augment, seed, batchSize, layer = encoder.layerFromEnd } = spec
  const pictures = chosenPictures(listed, spec.pictures, seed)
  const recipe = {
    encoder: encoder.file.sha256,
    layer,
    patches,
    augment,
    pictures: pictures.length,
    listing: await digestOf(pictures),
  }
  const plan = { pictures, patches, augment, layer, seed, batchSize }
  return {
    recipe,
    pictures: pictures.length,
    features: (provider, only) => writeFeatures(spec.out, encoder, plan, provider, callbacks, only),
  }
}

/** The files of features of a K-Means whose pictures are encoded. */
export async function featureFiles({ images, out }: KMeansSpec): Promise<string[]> {
  if (isOfFeatures(images)) return images.map((path) => resolve(path))
  const names = await readdir(join(out, FEATURES))
  return names
    .filter((name) => name.endsWith('.npy'))
    .sort()
    .map((name) => join(out, FEATURES, name))
}

export const isOfFeatures = (images: readonly string[]) =>
  images.every((path) => extname(path).toLowerCase() === '.npy')

/** Changes when a picture is added, removed or changed. */
async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) {
    const { size, mtimeMs } = await stat(file).catch((error: Error) => {
      throw new RequestError(`${file}: cannot be read (${fileProblem(error)})`)
    })
    hash.update(`${resolve(file)}|${size}|${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

type Plan = Omit<TrainingPlan, 'onIteration'> & { close(): Promise<void> }

async function trainingPlan(
  { k, iterations, restarts, seed }: KMeansSpec,
  features: FeaturePoints,
  wanted: Int32Array,
  provider: Provider,
  callbacks: RunCallbacks,
): Promise<Plan> {
  const assigner = await openAssigner(features.width, k, provider)
  const mask = new Uint8Array(features.count)
  for (const number of wanted) mask[number] = 1
  const watched = async function* (batches: AsyncIterable<Float32Array>) {
    for await (const batch of batches) {
      callbacks.signal.throwIfAborted()
      yield batch
    }
  }
  return {
    iterations,
    restarts,
    points: wanted.length,
    start: (restart) =>
      features.gather(startingPoints(wanted.length, k, seed, restart).map((i) => wanted[i]!)),
    assign: (centroids) => assigner.assign(watched(features.batches(assigner.batch, mask)), centroids),
    close: () => assigner.close(),
  }
}

async function afterIteration(
  path: string,
  training: Training,
  { k, iterations, restarts }: KMeansSpec,
  callbacks: RunCallbacks,
): Promise<void> {
  await writeTraining(path, training, k)
  const done = (training.restarts.length - 1) * iterations + training.restarts.at(-1)!.length
  const { objective } = training.restarts.at(-1)!.at(-1)!
  callbacks.progress(done, iterations * restarts, `objective ${objective.toPrecision(6)}`)
  callbacks.signal.throwIfAborted()
}
