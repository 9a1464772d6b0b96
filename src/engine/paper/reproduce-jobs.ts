// A run, a PNG or a figure -> the runs that make its images again, and the expected pixels.
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { fileProblem, findPacked, readStored, readTextFile } from '../bytes/index.ts'
import { figureImages, parseFigure } from '../../shared/figures/figure.ts'
import { DEVICES, type DeviceName } from '../../shared/models/devices.ts'
import {
  RunSpecSchema,
  type DecodeSpec,
  type ReconstructSpec,
  type SampleSpec,
} from '../../shared/run/run.ts'
import { decodeImage } from '../images/index.ts'
import { demoFolder } from '../model-set/resources.ts'
import { finishedImages, imageName, sourcePath } from '../records/workspace.ts'
import { folderOfRun, pixelHash } from './figure-images.ts'
import { textToRecord, type ImageRecord, type Recipe } from '../records/image-record.ts'
import { readRecord } from '../records/recipe.ts'
import { jobOfRecord, onlyImage } from './reproduce-record.ts'
import { listPictures } from '../tokenizer/picture-list.ts'
import { RunRecordSchema, type RunRecord } from '../records/run-folder.ts'

export interface ReproduceOptions {
  /** A run's folder, a PNG that this program made, or a figure.json. */
  readonly path: string
  /** Models to use instead of the recorded ones. */
  readonly model?: string
  /** @default the device the images were made on */
  readonly device?: DeviceName
  /** Only this many of the first images of a run. */
  readonly count?: number
  readonly workspace: string
}

export type ImageSpec = SampleSpec | ReconstructSpec | DecodeSpec

export interface Wanted {
  readonly name: string
  readonly image: number
  /** Expected `pixelHash`. */
  readonly pixels: string
  /** Record of the existing image. */
  readonly record?: ImageRecord
}

export interface ReproduceJob {
  /** The caller must fill in `out`. */
  readonly spec: ImageSpec
  /** Tokens from the image itself, used instead of the file in `spec`. */
  readonly grid?: ArrayLike<number>
  readonly recipe: Recipe
  readonly app: string
  /** Absent if only an image refers to the run. */
  readonly versions?: RunRecord['versions']
  readonly wanted: readonly Wanted[]
}

/** Throws RequestError or FormatError naming what is missing. */
export async function reproduceJobs(options: ReproduceOptions): Promise<readonly ReproduceJob[]> {
  const path = resolve(options.path)
  const found = await stat(path).catch(() => undefined)
  if (!found && !(await findPacked(path))) throw new RequestError(`${path}: no such file or folder`)
  if (found?.isDirectory()) {
    const images = await finishedImages(join(path, 'images')).catch(() => [])
    if (images.length === 0) throw new RequestError(`${path}: not a run folder with images`)
    return jobsOfRun(path, images.slice(0, options.count), options)
  }
  return path.endsWith('.json') ? jobsOfFigure(path, options) : jobsOfPng(path, options)
}

async function jobsOfFigure(path: string, options: ReproduceOptions): Promise<ReproduceJob[]> {
  const figure = parseFigure(await readTextFile(path), path)
  const places = { folder: dirname(path), workspace: options.workspace }
  const runs = new Map<string, number[]>()
  const jobs: ReproduceJob[] = []
  for (const ref of figureImages(figure).values()) {
    if ('file' in ref) {
      jobs.push(...(await jobsOfPng(resolve(places.folder, ref.file), options)))
      continue
    }
    const run = await folderOfRun(ref.run, places)
    runs.set(run, [...(runs.get(run) ?? []), ref.image])
  }
  for (const [run, images] of runs) jobs.push(...(await jobsOfRun(run, images, options)))
  if (jobs.length === 0) throw new RequestError(`${path}: the figure contains no images`)
  // The image that the figure was made with counts, not the current file.
  const kept = new Map(
    [...figureImages(figure)].flatMap(([key, ref]) => {
      const pixels = figure.images?.[key]?.pixels
      const name = 'file' in ref ? basename(ref.file) : `${basename(ref.run)}/${imageName(ref.image)}`
      return pixels ? [[name, pixels] as const] : []
    }),
  )
  return jobs.map((job) => ({
    ...job,
    wanted: job.wanted.map((image) => ({ ...image, pixels: kept.get(image.name) ?? image.pixels })),
  }))
}

async function jobsOfPng(path: string, options: ReproduceOptions): Promise<ReproduceJob[]> {
  const run = dirname(dirname(path))
  const png = await readStored(path).catch((error: Error) => {
    throw new RequestError(`${path}: cannot be read (${fileProblem(error)})`)
  })
  const record = textToRecord(png, path)
  const inRun = basename(dirname(path)) === 'images' && basename(path) === imageName(record.image)
  if (inRun && (await recordNames(run)).length > 0) return jobsOfRun(run, [record.image], options)
  const { recipe, app, image } = record
  const job = jobOfRecord(record, path, options.model ?? demoFolder(), options.device)
  const pixels = pixelHash(await decodeImage(png, path))
  return [{ ...job, recipe, app, wanted: [{ name: basename(path), image, pixels, record }] }]
}

async function jobsOfRun(
  run: string,
  images: readonly number[],
  { model, device }: ReproduceOptions,
): Promise<ReproduceJob[]> {
  const [name] = await recordNames(run)
  if (name === undefined) throw new RequestError(`${run}: run.json is missing`)
  const record = await readRunRecord(join(run, name))
  const { data } = RunSpecSchema.safeParse(record.spec)
  if (data?.kind !== 'sample' && data?.kind !== 'reconstruct' && data?.kind !== 'decode')
    throw new RequestError(`${join(run, name)}: not the record of a run that makes images`)
  const spec: ImageSpec = {
    ...data,
    ...(model === undefined ? {} : { model: resolve(model) }),
    device: device ?? deviceOf(record),
  }
  const wanted: Wanted[] = []
  for (const image of images) wanted.push(await wantedOf(run, image))
  const { recipe, app, versions } = record
  return (await parts(spec, images, run)).map(({ spec, images }) => ({
    spec,
    recipe,
    app,
    versions,
    wanted: wanted.filter(({ image }) => images.includes(image)),
  }))
}

async function wantedOf(run: string, image: number): Promise<Wanted> {
  const path = join(run, 'images', imageName(image))
  const png = await readStored(path).catch(() => {
    throw new RequestError(`${run}: image ${image} not found`)
  })
  const pixels = pixelHash(await decodeImage(png, path))
  return { name: `${basename(run)}/${imageName(image)}`, image, pixels, record: textToRecord(png, path) }
}

/** `run.json`, or the records of its shards. */
async function recordNames(run: string): Promise<string[]> {
  const names = await readdir(run).catch((): string[] => [])
  return names.filter((name) => /^run(-shard-\d+-of-\d+)?\.json$/.test(name)).sort()
}

async function readRunRecord(path: string): Promise<RunRecord> {
  const record = await readRecord(path, RunRecordSchema)
  if (!record) throw new RequestError(`${path}: cannot be read`)
  return record
}

const deviceOf = ({ device }: RunRecord): DeviceName =>
  DEVICES.find((name) => name === device.provider) ?? 'auto'

/** Up to this many unneeded images are made too, to avoid opening the models again for each needed one. */
const MADE_ALONG = 4

/** Runs that make these images and few others. */
async function parts(
  spec: ImageSpec,
  images: readonly number[],
  run: string,
): Promise<{ spec: ImageSpec; images: readonly number[] }[]> {
  const count = Math.max(...images) + 1
  if (spec.kind === 'reconstruct') {
    const { pictures } = await listPictures(spec.images.map((path) => sourcePath(run, path)))
    return [{ spec: { ...spec, images: pictures.slice(0, count) }, images }]
  }
  if (spec.kind === 'decode') return [{ spec, images }]
  if (count <= MADE_ALONG * images.length) return [{ spec: { ...spec, count, shards: 1, shard: 0 }, images }]
  return images.map((image) => ({ spec: { ...spec, ...onlyImage(image) }, images: [image] }))
}
