// The images of a run -> common formats: a folder of PNGs, ADM's .npz, .codecs, a gallery for any browser.
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { ConflictError, RequestError } from '../../shared/errors.ts'
import type { ExportForm } from '../../shared/run/exports.ts'
import { makeFolder, readStored, writeFileAtomic, writeNpzStream } from '../bytes/index.ts'
import { decodeImage } from '../images/index.ts'
import { finishedImages, imageName } from '../records/workspace.ts'
import { randomState } from '../metrics/index.ts'
import { writeCodecs } from '../tokens/codecs.ts'
import { galleryPages } from './gallery.ts'
import { layersOf, textToRecord, type ImageRecord } from '../records/image-record.ts'

export interface ExportOptions {
  /** Folder of the run. */
  readonly run: string
  readonly as: ExportForm
  /** Folder of the outputs. */
  readonly out: string
  /** Seed of numpy's shuffle, because ADM's evaluator uses consecutive splits. @default the order of the run */
  readonly shuffle?: number
  readonly force: boolean
}

export interface ExportCallbacks {
  progress(step: number, of: number, note: string): void
  readonly signal: AbortSignal
}

export interface Exported {
  /** What was written, as a message. */
  readonly summary: string
  readonly notes: readonly string[]
}

interface Job extends ExportOptions {
  /** Numbers of the images, ascending. */
  readonly images: readonly number[]
  readonly callbacks: ExportCallbacks
}

/** @throws RequestError for a run without images, ConflictError if outputs exist and may not be overwritten */
export async function exportRun(options: ExportOptions, callbacks: ExportCallbacks): Promise<Exported> {
  const run = resolve(options.run)
  const images = await finishedImages(join(run, 'images')).catch(() => [])
  if (images.length === 0) throw new RequestError(`${run}: not a run folder with images`)
  await makeFolder(options.out)
  const job = { ...options, run, images, callbacks }
  switch (options.as) {
    case 'folder':
      return exportFolder(job)
    case 'adm':
      return exportAdm(job)
    case 'codecs':
      return exportCodecs(job)
    case 'html':
      return exportGallery(job)
  }
}

const imagePath = (run: string, image: number): string => join(run, 'images', imageName(image))

async function target(path: string, force: boolean): Promise<string> {
  if (!force && (await stat(path).catch(() => undefined))) throw new ConflictError(`${path}: already exists`)
  return path
}

/** Image numbers one after another, with progress and cancellation in between. */
function* steps({ images, callbacks }: Pick<Job, 'images' | 'callbacks'>, note: string): Generator<number> {
  for (const [i, image] of images.entries()) {
    callbacks.signal.throwIfAborted()
    callbacks.progress(i, images.length, note)
    yield image
  }
  callbacks.progress(images.length, images.length, note)
}

async function recordOf(run: string, image: number): Promise<ImageRecord> {
  const path = imagePath(run, image)
  return textToRecord(await readStored(path), path)
}

async function exportFolder(job: Job): Promise<Exported> {
  await copyImages(job, job.out)
  return { summary: `exported ${job.images.length} PNG files to ${job.out}`, notes: [] }
}

async function copyImages(job: Job, folder: string): Promise<void> {
  for (const image of job.images) await target(join(folder, imageName(image)), job.force)
  for (const image of steps(job, 'copying images'))
    await writeFileAtomic(join(folder, imageName(image)), await readStored(imagePath(job.run, image)))
}

/**
 * `arr_0` uint8 [N, H, W, 3] and, if images have classes, `arr_1` int64 [N], as in guided-diffusion's image_sample.py;
 * the order is written to a JSON file.
 */
async function exportAdm(job: Job): Promise<Exported> {
  const { run, out, shuffle } = job
  const count = job.images.length
  const order =
    shuffle === undefined
      ? job.images
      : Array.from(randomState(shuffle).permutation(count), (i) => job.images[i]!)
  const { width, height } = await decodeImage(imagePath(run, order[0]!))
  const name = `samples_${count}x${height}x${width}x3`
  const path = await target(join(out, `${name}.npz`), job.force)
  const labels: (number | undefined)[] = []
  for (const image of order) labels.push((await recordOf(run, image)).class)
  const classes = labels.every((label) => label !== undefined) ? labels : undefined
  async function* pixels(): AsyncGenerator<Uint8Array> {
    for (const image of steps({ ...job, images: order }, 'writing pixels')) {
      const decoded = await decodeImage(imagePath(run, image))
      if (decoded.width !== width || decoded.height !== height)
        throw new RequestError(
          `image ${image} is ${decoded.width} x ${decoded.height}, but image ${order[0]} is ${width} x ${height}`,
        )
      yield decoded.rgb
    }
  }
  await writeNpzStream(path, {
    arr_0: { type: 'u8', shape: [count, height, width, 3], bytes: pixels() },
    ...(classes ? { arr_1: { type: 'i64', shape: [count], bytes: [labelBytes(classes)] } } : {}),
  })
  const about = { schema: 1, run: basename(run), shuffle: shuffle ?? null, order }
  await writeFileAtomic(join(out, `${name}.json`), `${JSON.stringify(about)}\n`)
  const sorted = classes && count > 1 && classes.every((label, i) => i === 0 || label >= classes[i - 1]!)
  return {
    summary: `exported ${count} images to ${path}`,
    notes: sorted
      ? [
          "images are sorted by class, which distorts the Inception Score of ADM's evaluator; shuffle them (--shuffle 0)",
        ]
      : [],
  }
}

const labelBytes = (labels: readonly number[]): Uint8Array =>
  new Uint8Array(BigInt64Array.from(labels, (label) => BigInt(label)).buffer)

async function exportCodecs(job: Job): Promise<Exported> {
  const first = await recordOf(job.run, job.images[0]!)
  const written: string[] = []
  for (const grid of Object.keys(layersOf(first))) {
    const path = await target(join(job.out, `${grid}.codecs`), job.force)
    async function* tokens(): AsyncGenerator<Int32Array> {
      for (const image of steps(job, `reading ${grid} tokens`)) {
        const found = layersOf(await recordOf(job.run, image))[grid]
        if (!found) throw new RequestError(`image ${image}: no ${grid} tokens`)
        yield found.tokens
      }
    }
    await writeCodecs(path, tokens())
    written.push(path)
  }
  return {
    summary: written.map((path) => `exported ${job.images.length} token grids to ${path}`).join('\n'),
    notes: [],
  }
}

/** Plain HTML pages next to the images: no scripts, no external resources. */
async function exportGallery(job: Job): Promise<Exported> {
  const { run, out, force } = job
  const index = await target(join(out, 'index.html'), force)
  const folder = join(out, 'images')
  await makeFolder(folder)
  await copyImages(job, folder)
  const records: { image: number; file: string; record: ImageRecord }[] = []
  for (const image of job.images)
    records.push({ image, file: `images/${imageName(image)}`, record: await recordOf(run, image) })
  for (const { name, html } of galleryPages(basename(run), records))
    await writeFileAtomic(join(out, name), html)
  return { summary: `exported ${job.images.length} images to ${index}`, notes: [] }
}
