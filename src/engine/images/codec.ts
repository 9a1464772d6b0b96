// Image files <-> RGB pixels, as in PIL's `Image.open(f).convert('RGB')`; the only importer of sharp, which has no BMP, PGM
// and PPM.
import { open, stat } from 'node:fs/promises'
import type Codec from 'sharp'
import type { Sharp } from 'sharp'
import { FormatError } from '../../shared/errors.ts'
import { fileProblem, findPacked, otherThanImage, readStored } from '../bytes/index.ts'
import { decodeBmp, isBmp } from './bmp.ts'
import { decodePnm, isPnm } from './pnm.ts'
import { checkSize, MAX_IMAGE_PIXELS, type RgbImage } from './rgb-image.ts'

/** Larger compressed files are not photographs and would only fill the memory. */
export const MAX_IMAGE_FILE_BYTES = 2 ** 29

let loading: Promise<typeof Codec> | undefined

/** Loaded with the first image: that takes longer than all else that a short command does. */
const codec = (): Promise<typeof Codec> => (loading ??= loadCodec())

async function loadCodec(): Promise<typeof Codec> {
  const { default: sharp } = await import('sharp')
  // One process decodes many images one after another; cores are for the networks, and no cache is needed.
  sharp.concurrency(1)
  sharp.cache(false)
  // Only decoders of photo formats are allowed: no SVG (it can load other files), PDF or ImageMagick.
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({
    operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((kind) => `VipsForeignLoad${kind}`),
  })
  return sharp
}

/** A warning is tolerated, as in PIL; broken or missing data is not. The first frame or page only. */
const LENIENT = {
  failOn: 'error',
  limitInputPixels: MAX_IMAGE_PIXELS,
  ignoreIcc: true,
  animated: false,
} as const

/**
 * An image file, or its bytes, as pixels: turned as the tags of a TIFF say, but not by the EXIF data of other formats, colour profiles ignored, alpha dropped (not blended), grey
 * and palette expanded, CMYK converted by PIL's formula, 16 bits reduced to the high byte, only the first frame. Equal
 * to PIL except for 16-bit grey (PNG, PGM), which PIL clips to white, and transparent GIF pixels, which become black.
 * @param name names bytes without a path in errors
 * @throws FormatError naming the file and the cause
 */
export async function decodeImage(input: string | Uint8Array, name = 'image'): Promise<RgbImage> {
  const sharp = await codec()
  const place = typeof input === 'string' ? input : name
  let bytes: Uint8Array = new Uint8Array(0)
  try {
    bytes = typeof input === 'string' ? await readImageFile(input) : input
    if (bytes.length === 0) throw new Error('the file is empty')
    if (isBmp(bytes)) return decodeBmp(bytes)
    if (isPnm(bytes)) return decodePnm(bytes)
    const { space, width, height, format } = await sharp(bytes, {
      ...LENIENT,
      limitInputPixels: false,
    }).metadata()
    checkSize(width, height)
    const image = format === 'tiff' ? sharp(bytes, LENIENT).autoOrient() : sharp(bytes, LENIENT)
    if (space === 'cmyk') return await decodeCmyk(image)
    const { data, info } = await image.removeAlpha().toColourspace('srgb').raw().toBuffer(WITH_INFO)
    if (info.channels !== 3)
      throw new Error(`unsupported image (found ${info.channels} channels after decoding, expected 3)`)
    return { rgb: plainBytes(data), width: info.width, height: info.height }
  } catch (error) {
    const other = bytes.length > 0 ? otherThanImage(bytes, bytes.length) : undefined
    throw new FormatError(place, `not a readable image: ${other ? `found ${other}` : firstLine(error)}`)
  }
}

/** Pixels. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

/**
 * The size of an image file. Its pixels are decoded only if its last bytes do not show that it is whole, so damage in
 * the middle of a PNG, JPEG or WebP is found by `decodeImage` alone.
 * @throws FormatError naming the file and the cause
 */
export async function lookAtImage(path: string): Promise<ImageSize> {
  const sharp = await codec()
  let input: string | Uint8Array = path
  const isWhole = await endsAsItShould(path)
    .catch(async () => endsAsItShould((input = await readStored(path))))
    .catch(() => false)
  if (isWhole)
    try {
      const { width, height } = await sharp(input, { ...LENIENT, limitInputPixels: false }).metadata()
      checkSize(width, height)
      return { width, height }
    } catch {
      // Decoding says what is wrong.
    }
  const { width, height } = await decodeImage(path, path)
  return { width, height }
}

const PNG_START = Buffer.from('89504e470d0a1a0a', 'hex')
const PNG_END = Buffer.from('0000000049454e44ae426082', 'hex')
const JPEG_START = Buffer.from('ffd8ff', 'hex')
const JPEG_END = Buffer.from('ffd9', 'hex')

/** Whether a PNG or JPEG ends with its end mark, and a WebP has the length that it states. */
async function endsAsItShould(input: string | Uint8Array): Promise<boolean> {
  const { size, head, tail } = await endsOf(input)
  if (size < head.length + tail.length) return false
  const starts = (mark: Buffer) => head.subarray(0, mark.length).equals(mark)
  if (starts(PNG_START)) return tail.equals(PNG_END)
  if (starts(JPEG_START)) return tail.subarray(-JPEG_END.length).equals(JPEG_END)
  const isWebp = head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP'
  return isWebp && head.readUInt32LE(4) + 8 <= size
}

const END_BYTES = 12

/** The first and last bytes of a file, or of its content. */
async function endsOf(input: string | Uint8Array) {
  if (typeof input !== 'string')
    return {
      size: input.length,
      head: Buffer.from(input.subarray(0, END_BYTES)),
      tail: Buffer.from(input.subarray(-END_BYTES)),
    }
  const file = await open(input)
  try {
    const { size } = await file.stat()
    const [head, tail] = [Buffer.alloc(END_BYTES), Buffer.alloc(END_BYTES)]
    await file.read(head, 0, head.length, 0)
    await file.read(tail, 0, tail.length, Math.max(0, size - tail.length))
    return { size, head, tail }
  } finally {
    await file.close()
  }
}

/** Pixels as a PNG; the same pixels give the same bytes. */
export async function encodePng({ rgb, width, height }: RgbImage): Promise<Uint8Array> {
  if (rgb.length !== width * height * 3)
    throw new RangeError(
      `wrong pixel buffer size (found ${rgb.length} bytes, expected ${height} x ${width} x 3)`,
    )
  const sharp = await codec()
  const raw = { width, height, channels: 3 } as const
  const png = sharp(rgb, { raw, limitInputPixels: false }).png({
    compressionLevel: 6,
    adaptiveFiltering: true,
  })
  return plainBytes(await png.toBuffer())
}

/** Version of the image codec, for records. */
export async function codecVersion(): Promise<string> {
  return (await codec()).versions.sharp ?? 'unknown'
}

const WITH_INFO = { resolveWithObject: true } as const

async function readImageFile(path: string): Promise<Uint8Array> {
  const file = await stat(path).catch(async (error: unknown) => {
    const packed = await findPacked(path)
    if (packed) return { isFile: () => true, size: packed.size }
    throw error
  })
  if (!file.isFile()) throw new Error('not a regular file')
  if (file.size > MAX_IMAGE_FILE_BYTES)
    throw new Error(`file too large (${file.size} bytes, maximum ${MAX_IMAGE_FILE_BYTES})`)
  return readStored(path)
}

/** Pillow Convert.c `cmyk2rgb`: x = 255 - k - ink * (255 - k) / 255, the quotient rounded as MULDIV255 does. */
async function decodeCmyk(image: Sharp): Promise<RgbImage> {
  const inks = image.pipelineColourspace('cmyk').toColourspace('cmyk').raw()
  const { data, info } = await inks.toBuffer(WITH_INFO)
  if (info.channels !== 4)
    throw new Error(`unsupported CMYK image (found ${info.channels} channels, expected 4)`)
  const pixels = info.width * info.height
  const rgb = new Uint8Array(pixels * 3)
  for (let pixel = 0; pixel < pixels; pixel++) {
    const light = 255 - data[4 * pixel + 3]!
    for (let c = 0; c < 3; c++) {
      const product = data[4 * pixel + c]! * light + 128
      rgb[3 * pixel + c] = Math.max(0, light - (((product >> 8) + product) >> 8))
    }
  }
  return { rgb, width: info.width, height: info.height }
}

/** A Buffer as a plain Uint8Array, for ports and comparisons. */
function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? fileProblem(error) : String(error)).split('\n')[0]!
}
