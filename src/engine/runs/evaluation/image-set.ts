// A run folder, a folder of pictures or an ADM batch -> a stream of images, and what identifies the set.
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, extname, join, relative, sep } from 'node:path'
import { FormatError, RequestError } from '../../../shared/errors.ts'
import {
  headOf,
  openFile,
  openNpzRows,
  otherThanImage,
  readNpz,
  readZip,
  type Source,
} from '../../bytes/index.ts'
import { decodeImage, preprocess, type RgbImage } from '../../images/index.ts'
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
  /** Changes when any file of the set changes. */
  readonly identity: string
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
  /** Images from number `from` on. Throws FormatError for an image that cannot be read or has another size. */
  images(from?: number): AsyncGenerator<RgbImage>
  /** One image at its stored size; undefined beyond the last. */
  image(number: number): Promise<RgbImage | undefined>
}

const LOSSY = /\.(jpe?g|webp)$/i

/** Images of an .npz: numbered as rows. */
const BATCH_ARRAY = 'arr_0'
const LABELS_ARRAY = 'arr_1'

/** Throws RequestError if there are no images, FormatError if the first image cannot be read. */
export async function openImageSet(path: string, size?: number): Promise<ImageSet> {
  const set = isNpz(path) ? await openBatch(path) : await openFolder(path)
  const ready = (image: RgbImage) => (size === undefined ? image : preprocess(image, size))
  const first = await firstOf(set.read(0))
  if (!first) throw new RequestError(`${path}: contains no images`)
  const { width, height } = ready(first)
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

interface Files extends Pick<
  ImageSet,
  'count' | 'classes' | 'classNames' | 'identity' | 'madeBy' | 'notes' | 'nameOf'
> {
  read(from: number): AsyncGenerator<RgbImage>
}

async function firstOf(reading: AsyncGenerator<RgbImage>): Promise<RgbImage | undefined> {
  const { value } = await reading.next()
  await reading.return(undefined)
  return value as RgbImage | undefined
}

const isNpz = (path: string) => extname(path).toLowerCase() === '.npz'

/** A folder of pictures, or a single picture. */
async function openFolder(path: string): Promise<Files> {
  if ((await stat(path).catch(() => undefined))?.isFile()) await refuseOther(path)
  const madeBy = await readRunOf(path)
  const { pictures, classes, classNames } = await listPictures([madeBy ? join(path, 'images') : path])
  const labels = madeBy
    ? pictures.map((picture) => madeBy.classOf(Number.parseInt(basename(picture), 10)))
    : classes
  const lines = await Promise.all(
    pictures.map(async (picture) => {
      return `${relative(path, picture)}|${await fileStamp(picture)}`
    }),
  )
  const lossy = pictures.filter((picture) => LOSSY.test(picture)).length
  return {
    count: pictures.length,
    classes: labels.every((label) => label !== undefined) ? labels : undefined,
    classNames: madeBy ? undefined : classNames,
    identity: digest([path, ...lines]),
    madeBy,
    notes:
      lossy > 0
        ? [
            `${lossy} of ${pictures.length} images in ${path} are JPEG or WebP: lossy compression changes every metric`,
          ]
        : [],
    nameOf: (image) => relative(path, pictures[image]!).split(sep).join('/'),
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
    return {
      count,
      classes,
      classNames: undefined,
      identity: digest([path, await fileStamp(path)]),
      madeBy: undefined,
      notes: typeof labels === 'string' ? [`${path}: no classes (${LABELS_ARRAY}: ${labels})`] : [],
      nameOf: (image) => `image ${image}`,
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
