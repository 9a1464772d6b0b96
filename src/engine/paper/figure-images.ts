// The images of a figure -> the facts that its layout needs, and their pixels on request.
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { FormatError, RequestError } from '../../shared/errors.ts'
import { fileProblem, readStored } from '../bytes/index.ts'
import type { ContentImage } from '../../shared/figures/content.ts'
import type { KeptImage } from '../../shared/figures/figure.ts'
import type { ImageRef } from '../../shared/figures/image-ref.ts'
import type { Pixels } from '../../shared/figures/pictures.ts'
import { ReconstructSpecSchema } from '../../shared/run/run.ts'
import type { PictureFiles } from '../figures/index.ts'
import { decodeImage, readPngText } from '../images/index.ts'
import { fileStamp } from '../model-set/walk.ts'
import { imageName, runFolder, sourcePath } from '../records/workspace.ts'
import { isDrawn, type TokenGrid } from '../tokens/grid.ts'
import { textToRecord, type ImageRecord } from '../records/image-record.ts'
import { readPicture } from '../tokenizer/tokenizer.ts'
import { readRecord } from '../records/recipe.ts'
import { RunRecordSchema } from '../records/run-folder.ts'

export interface FigureImages {
  readonly images: ReadonlyMap<string, ContentImage>
  readonly files: PictureFiles
  /** The file of each image, and what it records. */
  readonly placed: ReadonlyMap<string, PlacedImage>
  /** The record of each image for the figure.json written next to the outputs. */
  readonly kept: Readonly<Record<string, KeptImage>>
}

/** Where references are resolved: next to the figure's file first, then in the workspace's runs. */
export interface Places {
  readonly folder: string
  readonly workspace: string
}

export interface PlacedImage {
  readonly path: string
  /** Absent for an image of another program. */
  readonly record: ImageRecord | undefined
  /** The picture it was made from, if that still exists. */
  readonly input: string | undefined
}

interface FoundImage extends PlacedImage {
  readonly content: ContentImage
  readonly kept: KeptImage
}

/** An image that cannot be read; `key` is its `refKey`. */
export class MissingImageError extends RequestError {
  constructor(
    readonly key: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** Reads every image once. Throws MissingImageError that names the first that is missing or broken. */
export async function readFigureImages(
  refs: ReadonlyMap<string, ImageRef>,
  places: Places,
): Promise<FigureImages> {
  const found = new Map<string, FoundImage>()
  for (const [key, ref] of refs) found.set(key, await findImage(key, ref, places))
  const at = (key: string): FoundImage => {
    const image = found.get(key)
    if (!image) throw new RequestError(`${key}: not among the figure's images`)
    return image
  }
  const kept = [...found].map(([key, image]) => [key, image.kept] as const)
  return {
    images: new Map([...found].map(([key, { content }]) => [key, content])),
    placed: found,
    kept: Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1))),
    files: {
      image: (key) => decodeImage(at(key).path),
      input: (key) => {
        const { input, content } = at(key)
        if (!input) throw new RequestError(`${key}: its input picture is missing`)
        return readPicture(input, content.width)
      },
    },
  }
}

async function findImage(key: string, ref: ImageRef, places: Places): Promise<FoundImage> {
  try {
    const run = 'run' in ref ? await folderOfRun(ref.run, places) : undefined
    const path = 'file' in ref ? resolve(places.folder, ref.file) : join(run!, 'images', imageName(ref.image))
    const version = await fileStamp(path).catch((error: Error) => {
      throw new RequestError(`${key}: cannot read ${path} (${fileProblem(error)})`)
    })
    const before = known.get(path)
    // Files next to a run's images may have changed separately.
    if (before?.version === version) return { ...before.image, ...(await withInput(before.image, run)) }
    const image = await readImage(path, run)
    known.set(path, { version, image })
    for (const old of known.keys()) {
      if (known.size <= KEPT) break
      known.delete(old)
    }
    return image
  } catch (error) {
    if (error instanceof RequestError || error instanceof FormatError)
      throw new MissingImageError(key, error.message, { cause: error })
    throw error
  }
}

/** A figure is laid out repeatedly while it is composed: unchanged images are not read again. */
const known = new Map<string, { readonly version: string; readonly image: FoundImage }>()
/** Number of cached images, about 5 kB each. */
const KEPT = 5000

async function withInput({ record, content }: FoundImage, run: string | undefined) {
  const input = run && record ? await inputOf(run, record.image) : undefined
  return { input, content: { ...content, hasInput: input !== undefined } }
}

async function readImage(path: string, run: string | undefined): Promise<FoundImage> {
  const bytes = await readStored(path)
  const pixels = await decodeImage(bytes, path)
  const record = recordIn(bytes, path)
  const input = run && record ? await inputOf(run, record.image) : undefined
  const { discriminative, codes, recipe } = record ?? {}
  return {
    path,
    record,
    input,
    content: {
      width: pixels.width,
      height: pixels.height,
      tokens: {
        ...(discriminative ? { discriminative: discriminative.tokens } : {}),
        ...(codes ? { codes: codes.tokens } : {}),
      },
      steps: { ...stepsOf('discriminative', discriminative), ...stepsOf('codes', codes) },
      hasInput: input !== undefined,
    },
    kept: {
      pixels: pixelHash(pixels),
      ...(record && recipe
        ? {
            recipe: {
              image: record.image,
              ...(record.class === undefined ? {} : { class: record.class }),
              ...recipe,
              ...(record.codebooks ? { codebooks: record.codebooks } : {}),
            },
          }
        : {}),
    },
  }
}

const stepsOf = (name: 'discriminative' | 'codes', grid: TokenGrid | undefined) =>
  grid && isDrawn(grid) && grid.steps ? { [name]: grid.steps } : {}

/** The record of a PNG made by this program; undefined for images of other programs. */
function recordIn(bytes: Uint8Array, path: string): ImageRecord | undefined {
  try {
    if (!readPngText(bytes, path).has('digit')) return undefined
  } catch (error) {
    if (error instanceof FormatError) return undefined
    throw error
  }
  return textToRecord(bytes, path)
}

/** Next to the figure, or in the workspace. Throws RequestError if there is none. */
export async function folderOfRun(run: string, { folder, workspace }: Places): Promise<string> {
  const beside = resolve(folder, run)
  if (await isFolder(join(beside, 'images'))) return beside
  if (basename(run) === run) {
    const kept = runFolder(workspace, run)
    if (await isFolder(join(kept, 'images'))) return kept
  }
  throw new RequestError(`${beside}: not a run folder (the figure uses run ${run})`)
}

/** The input picture of a reconstruction, if it still exists. */
async function inputOf(run: string, image: number): Promise<string | undefined> {
  const record = await readRecord(join(run, 'run.json'), RunRecordSchema)
  const { data: spec } = ReconstructSpecSchema.safeParse(record?.spec)
  const source = spec?.images[image]
  if (source === undefined) return undefined
  const path = sourcePath(run, source)
  return (await stat(path).catch(() => undefined))?.isFile() ? path : undefined
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

/** Identifies pixels in any file: sha256 of `WIDTHxHEIGHT:` and the RGB bytes. */
export function pixelHash({ rgb, width, height }: Pixels): string {
  return createHash('sha256').update(`${width}x${height}:`).update(rgb).digest('hex')
}
