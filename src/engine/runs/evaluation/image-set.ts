// A run folder, a folder of pictures or an ADM batch -> a stream of images, and what identifies the set.
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, extname, join, relative, sep } from 'node:path'
import { FormatError, RequestError } from '../../../shared/errors.ts'
import type { UnreadableImage } from '../../../shared/evaluation/set-problems.ts'
import {
  headOf,
  openFile,
  openNpzRows,
  otherThanImage,
  readNpz,
  readZip,
  type Source,
} from '../../bytes/index.ts'
import { decodeImage, lookAtImage, preprocess, type ImageSize, type RgbImage } from '../../images/index.ts'
import { fileStamp } from '../../model-set/walk.ts'
import { listPictures } from '../../tokenizer/picture-list.ts'
import { readRunOf, type MadeBy } from '../../records/made-by.ts'

export interface ImageSet {
  readonly path: string
  readonly count: number
  /** The class of each image, if the set has classes; `matchClasses` says which of two sets are the same. */
  readonly classes: readonly number[] | undefined
  /** Names of the classes that are folders. */
  readonly classNames: readonly string[] | undefined
  /** Changes when any file of the set changes, and with the images that are left out. */
  readonly identity: string
  /** The same, whatever is left out. */
  readonly filesIdentity: string
  /** Images that are left out because they cannot be read. */
  readonly skipped: readonly UnreadableImage[]
  /** Side after Resize + CenterCrop; undefined if the images are used as they are, all of one size. */
  readonly size: number | undefined
  /** Size of every returned image. */
  readonly width: number
  readonly height: number
  /** Recipe and models of a folder that this program sampled. */
  readonly madeBy: MadeBy | undefined
  /** Notes for the user: lossy files. */
  readonly notes: readonly string[]
  /** Path of an image's file relative to the set's folder, or its row in a batch. */
  nameOf(image: number): string
  /** An image's number if none were left out. */
  numberOf(image: number): number
  /** The stored size of an image; `whole` decodes it. Throws FormatError if it cannot be read. */
  look(image: number, whole: boolean): Promise<ImageSize>
  /** Images from number `from` on. Throws FormatError for an image that cannot be read or has another size. */
  images(from?: number): AsyncGenerator<RgbImage>
  /** One image at its stored size; undefined beyond the last. */
  image(number: number): Promise<RgbImage | undefined>
}

const LOSSY = /\.(jpe?g|webp)$/i

/** Images of an .npz: numbered as rows. */
const BATCH_ARRAY = 'arr_0'
const LABELS_ARRAY = 'arr_1'

/**
 * @param size side that the images are resized and cropped to. @default they are used as they are
 * @param skipped images that are left out
 * @throws RequestError if there are no images, FormatError if none can be read
 */
export async function openImageSet(
  path: string,
  size?: number,
  skipped: readonly UnreadableImage[] = [],
): Promise<ImageSet> {
  const set = isNpz(path) ? await openBatch(path) : await openFolder(path, skipped)
  const ready = (image: RgbImage) => (size === undefined ? image : preprocess(image, size))
  const { width, height } = ready(await firstReadable(path, set))
  return {
    ...set,
    path,
    size,
    width,
    height,
    async *images(from = 0) {
      let number = from
      for await (const image of set.read(from)) {
        const result = ready(image)
        if (result.width !== width || result.height !== height)
          throw new FormatError(
            `${path}: ${set.nameOf(number)}`,
            `image sizes differ (found ${result.width} x ${result.height}, the first image is ${width} x ${height}); use --size to resize and crop them all`,
          )
        yield result
        number++
      }
    },
    image: (number) => firstOf(set.read(number)),
  }
}

interface Files extends Omit<ImageSet, 'path' | 'size' | 'width' | 'height' | 'images' | 'image'> {
  read(from: number): AsyncGenerator<RgbImage>
}

/** It has the size that the others should have. */
async function firstReadable(path: string, set: Files): Promise<RgbImage> {
  let problem: unknown
  for (let number = 0; number < set.count; number++)
    try {
      const image = await firstOf(set.read(number))
      if (image) return image
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      problem ??= error
    }
  throw problem ?? new RequestError(`${path}: contains no images`)
}

async function firstOf(reading: AsyncGenerator<RgbImage>): Promise<RgbImage | undefined> {
  const { value } = await reading.next()
  await reading.return(undefined)
  return value as RgbImage | undefined
}

const isNpz = (path: string) => extname(path).toLowerCase() === '.npz'

/** A folder of pictures, or a single picture. */
async function openFolder(path: string, skipped: readonly UnreadableImage[]): Promise<Files> {
  if ((await stat(path).catch(() => undefined))?.isFile()) await refuseOther(path)
  const madeBy = await readRunOf(path)
  const listed = await listPictures([madeBy ? join(path, 'images') : path])
  const names = listed.pictures.map((picture) => relative(path, picture).split(sep).join('/'))
  const labels = madeBy
    ? names.map((name) => madeBy.classOf(Number.parseInt(basename(name), 10)))
    : listed.classes
  const stamps = await Promise.all(
    listed.pictures.map(async (picture) => `${relative(path, picture)}|${await fileStamp(picture)}`),
  )
  const filesIdentity = digest([path, ...stamps])
  const leftOut = new Set(skipped.map(({ name }) => name))
  const kept = names.flatMap((name, number) => (leftOut.has(name) ? [] : number))
  const pictures = kept.map((number) => listed.pictures[number]!)
  const classes = kept.map((number) => labels[number])
  const lossy = pictures.filter((picture) => LOSSY.test(picture)).length
  return {
    count: pictures.length,
    classes: classes.every((label) => label !== undefined) ? classes : undefined,
    classNames: madeBy ? undefined : listed.classNames,
    identity: skipped.length > 0 ? digest([filesIdentity, ...leftOut]) : filesIdentity,
    filesIdentity,
    skipped,
    madeBy,
    notes: [
      ...(skipped.length > 0
        ? [`skipped ${skipped.length} of ${names.length} images in ${path} that cannot be read`]
        : []),
      ...(lossy > 0
        ? [
            `${lossy} of ${pictures.length} images in ${path} are JPEG or WebP: lossy compression changes every metric`,
          ]
        : []),
    ],
    nameOf: (image) => names[kept[image]!]!,
    numberOf: (image) => kept[image]!,
    look: (image, whole) => (whole ? decodeImage : lookAtImage)(pictures[image]!),
    async *read(from) {
      for (const picture of pictures.slice(from)) yield await decodeImage(picture, picture)
    },
  }
}

/** Throws FormatError for a file that is not a picture: arrays in other containers than .npz, tables, pages, pointers. */
async function refuseOther(path: string): Promise<void> {
  const source = await openFile(path)
  try {
    const other = otherThanImage(await headOf(source), source.size)
    if (other !== undefined)
      throw new FormatError(
        path,
        `not an image set or statistics (found ${other}, expected a folder of images or an .npz; statistics are read from .npz)`,
      )
  } finally {
    await source.close()
  }
}

async function openBatch(path: string): Promise<Files> {
  const source = await openFile(path)
  try {
    const entries = await readZip(source)
    const entry = entries.get(`${BATCH_ARRAY}.npy`)
    if (!entry)
      throw new RequestError(
        `${path}: array ${BATCH_ARRAY} is missing (an ADM batch stores its images there)`,
      )
    const { type, shape } = await openNpzRows(source, entry)
    const [count = 0, height = 0, width = 0, channels] = shape
    if (type !== 'u8' || shape.length !== 4 || channels !== 3 || count * height * width === 0)
      throw new RequestError(
        `${path}: ${BATCH_ARRAY} is ${type} [${shape.join(', ')}] (expected u8 [images, height, width, 3])`,
      )
    const labels = entries.has(`${LABELS_ARRAY}.npy`) ? await readLabels(source, count) : undefined
    const classes = Array.isArray(labels) ? labels : undefined
    const identity = digest([path, await fileStamp(path)])
    return {
      count,
      classes,
      classNames: undefined,
      identity,
      filesIdentity: identity,
      skipped: [],
      madeBy: undefined,
      notes: typeof labels === 'string' ? [`${path}: no classes (${LABELS_ARRAY}: ${labels})`] : [],
      nameOf: (image) => `image ${image}`,
      numberOf: (image) => image,
      // A row has no size of its own; damage is found as the array is read.
      look: async () => ({ width, height }),
      async *read(from) {
        const opened = await openFile(path)
        try {
          const rows = await openNpzRows(opened, entry)
          for await (const rgb of rows.read(1, from)) yield { rgb, width, height }
        } finally {
          await opened.close()
        }
      },
    }
  } finally {
    await source.close()
  }
}

/** Numbers of the classes, or why they cannot be read: the images are measured without them. */
async function readLabels(source: Source, count: number): Promise<readonly number[] | string> {
  try {
    const { data, shape } = (await readNpz(source, [LABELS_ARRAY])).get(LABELS_ARRAY)!
    if (shape.length === 1 && data.length === count) {
      const labels = Array.from(data, Number)
      const odd = labels.findIndex((label) => !Number.isSafeInteger(label) || label < 0)
      return odd < 0 ? labels : `image ${odd}: not a class (found ${labels[odd]}, expected 0, 1, ...)`
    }
    return `wrong shape (found [${shape.join(', ')}], expected [${count}])`
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    return error.message.replace(`${source.name}: ${LABELS_ARRAY}: `, '')
  }
}

const digest = (lines: readonly string[]) => createHash('sha256').update(lines.join('\n')).digest('hex')

/** True for an .npz that contains statistics. */
export async function holdsStatistics(path: string): Promise<boolean> {
  if (!isNpz(path)) return false
  const source = await openFile(path)
  try {
    return (await readZip(source)).has('mu.npy')
  } finally {
    await source.close()
  }
}

/** For the stamp: how files became pixels. */
export const cropWords = (size: number | undefined): string =>
  size === undefined ? 'as they are' : `Resize(${size}, bicubic) + CenterCrop(${size}), PIL`
