// A display list -> a PNG of any size: drawn and compressed in bands, so that memory does not grow with the page.
// Reference: PNG, third edition, 5 "Datastream structure", 11.3.4.3 "pHYs".
import { constants, crc32, createDeflate } from 'node:zlib'
import type { DisplayList, ImageItem } from '../../shared/figures/display.ts'
import type { Figure } from '../../shared/figures/figure.ts'
import type { Pixels } from '../../shared/figures/pictures.ts'
import { RequestError } from '../../shared/errors.ts'
import type { FontSet } from './fonts.ts'
import { paint, type PictureFiles } from './paint.ts'
import { drawShape, itemRows, pasteRows, type Band } from './raster.ts'
import { filteredRows } from './row-filter.ts'

/** Approximate pixels of a band: 12 MB. */
const BAND_PIXELS = 4e6
/** The limit of PNG for a side. */
const MAX_SIDE = 2 ** 31 - 1
const INCHES_PER_METRE = 39.3701
const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

/** From this size on, a third of the compression time is worth 5% more bytes. */
const LARGE_PIXELS = 25e6
const [SMALL, LARGE] = [{ level: 6 }, { level: 4, strategy: constants.Z_FILTERED }]

/** Compressed bytes in a chunk. */
const IDAT_BYTES = 2 ** 16

type DrawImage = (item: ImageItem, width: number, height: number) => Promise<Pixels>

/**
 * The bytes of the file, in pieces.
 * @param bandPixels drawn at once; affects only memory
 */
export async function* pngBytes(
  list: DisplayList,
  { dpi, enlarge }: Pick<Figure, 'dpi' | 'enlarge'>,
  fonts: FontSet,
  files: PictureFiles,
  bandPixels = BAND_PIXELS,
): AsyncGenerator<Uint8Array> {
  const scale = dpi / 72
  const [width, height] = [Math.round(list.width * scale), Math.ceil(list.height * scale - 1e-6)]
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE)
    throw new RequestError(`PNG too large (${width} x ${height} pixels)`)
  yield SIGNATURE
  yield chunk('IHDR', header(width, height))
  yield chunk('pHYs', density(dpi))
  const drawImage: DrawImage = (item, w, h) => paint(item, w, h, enlarge, files)
  const deflate = createDeflate(width * height < LARGE_PIXELS ? SMALL : LARGE)
  const fed = feed(bands(list, width, height, scale, fonts, drawImage, bandPixels), width, deflate)
  // An error while drawing must end the loop below; `fed` throws it again.
  fed.catch((error: Error) => deflate.destroy(error))
  for await (const piece of ofSize(deflate as AsyncIterable<Buffer>, IDAT_BYTES)) yield chunk('IDAT', piece)
  await fed
  yield chunk('IEND', Buffer.alloc(0))
}

/** The same bytes in pieces of one size, because the size of stream pieces depends on the load of the machine. */
async function* ofSize(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0)
  for await (const piece of source) {
    rest = Buffer.concat([rest, piece])
    for (; rest.length >= size; rest = rest.subarray(size)) yield rest.subarray(0, size)
  }
  if (rest.length > 0) yield rest
}

async function feed(
  drawn: AsyncIterable<Pixels>,
  width: number,
  deflate: NodeJS.WritableStream,
): Promise<void> {
  let above: Uint8Array | undefined
  for await (const { rgb } of drawn) {
    const rows = filteredRows(rgb, width, above)
    await new Promise<void>((resolve, reject) =>
      deflate.write(rows, (error) => (error ? reject(error) : resolve())),
    )
    above = rgb.slice(-3 * width)
  }
  deflate.end()
}

/** The page from top to bottom. An image is in memory only while bands touch it. */
async function* bands(
  list: DisplayList,
  width: number,
  height: number,
  scale: number,
  fonts: FontSet,
  drawImage: DrawImage,
  bandPixels: number,
): AsyncGenerator<Pixels> {
  const rows = Math.max(1, Math.min(height, Math.floor(bandPixels / width)))
  const extents = list.items.map((item) => itemRows(item, scale))
  const ready = new Map<ImageItem, Pixels>()
  for (let top = 0; top < height; top += rows) {
    const bottom = Math.min(top + rows, height)
    const rgb = new Uint8Array(width * (bottom - top) * 3).fill(255)
    const band: Band = { rgb, width, height: bottom - top, top, scale }
    for (const [i, item] of list.items.entries()) {
      const [first, last] = extents[i]!
      if (last <= top || first >= bottom) continue
      if (item.kind !== 'image') {
        drawShape(band, item, fonts)
        continue
      }
      const place = pixelPlace(item, scale, width)
      let image = ready.get(item)
      if (!image) ready.set(item, (image = await drawImage(item, place.width, place.height)))
      pasteRows(band, image, place.left, place.top)
      if (last <= bottom) ready.delete(item)
    }
    yield band
  }
}

/** The layout already aligns images to dots; this removes rounding errors. */
function pixelPlace({ x, y, width, height }: ImageItem, scale: number, pageWidth: number) {
  const left = Math.round(x * scale)
  const top = Math.round(y * scale)
  return {
    left,
    top,
    width: Math.max(1, Math.min(Math.round((x + width) * scale), pageWidth) - left),
    height: Math.max(1, Math.round((y + height) * scale) - top),
  }
}

function header(width: number, height: number): Buffer {
  const data = Buffer.alloc(13)
  data.writeUInt32BE(width, 0)
  data.writeUInt32BE(height, 4)
  data.set([8, 2, 0, 0, 0], 8) // 8 bits, RGB, deflate, filtered, not interlaced
  return data
}

function density(dpi: number): Buffer {
  const data = Buffer.alloc(9)
  const perMetre = Math.round(dpi * INCHES_PER_METRE)
  data.writeUInt32BE(perMetre, 0)
  data.writeUInt32BE(perMetre, 4)
  data[8] = 1
  return data
}

function chunk(type: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(data.length + 12)
  bytes.writeUInt32BE(data.length, 0)
  bytes.write(type, 4, 'latin1')
  data.copy(bytes, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), data.length + 8)
  return bytes
}
