// BMP -> RGB pixels, as Pillow reads it (BmpImagePlugin.py; Unpack.c for 16 bits): 1, 4 and 8 bits with a palette, also in
// run lengths, and 16, 24 and 32 bits. Rows come from the bottom, or from the top if the height is negative. Alpha is
// dropped.
import { Cursor } from '../bytes/index.ts'
import { checkSize, type RgbImage } from './rgb-image.ts'

const FILE_HEADER_BYTES = 14
/** OS/2 version 1: 16-bit sizes, and palette entries of 3 bytes. */
const CORE_HEADER_BYTES = 12
const HEADER_BYTES = [CORE_HEADER_BYTES, 40, 52, 56, 64, 108, 124]
const MAX_COLOURS = 256

/** What the pixels of each compression and depth are read with. */
const RAW = 0
const RLE8 = 1
const RLE4 = 2
const BIT_FIELDS = 3
const DEPTHS: { readonly [compression: number]: readonly number[] } = {
  [RAW]: [1, 4, 8, 16, 24, 32],
  [RLE8]: [8],
  [RLE4]: [4],
  [BIT_FIELDS]: [16, 24, 32],
}

interface Header {
  readonly width: number
  readonly height: number
  readonly fromTop: boolean
  readonly bits: number
  readonly compression: number
  /** RGB of each index; entries that the file lacks are black. */
  readonly palette: Uint8Array
  /** Bits of red, green and blue in a pixel without a palette. */
  readonly masks: readonly number[]
  /** First byte of the pixels. */
  readonly start: number
}

export const isBmp = (bytes: Uint8Array): boolean => bytes[0] === 0x42 && bytes[1] === 0x4d

/** Throws an Error with the problem, without the file. */
export function decodeBmp(bytes: Uint8Array): RgbImage {
  const header = readHeader(new Cursor(bytes, 'BMP header'))
  const { width, height, fromTop, bits, compression, start } = header
  const isRuns = compression === RLE8 || compression === RLE4
  const rows = isRuns ? indicesOfRuns(bytes, header) : bytes.subarray(Math.min(start, bytes.length))
  const depth = isRuns ? 8 : bits
  const stride = isRuns ? width : Math.floor((width * bits + 31) / 32) * 4
  // The last row may lack its padding.
  const needed = stride * (height - 1) + Math.ceil((width * depth) / 8)
  if (rows.length < needed)
    throw new Error(`truncated BMP (found ${rows.length} bytes of pixels, expected ${needed})`)
  const rgb = new Uint8Array(width * height * 3)
  const paint = bits <= 8 ? indexPainter(depth, header.palette) : maskPainter(bits, header.masks)
  for (let y = 0; y < height; y++)
    paint(rows, y * stride, width, rgb, (fromTop ? y : height - 1 - y) * width * 3)
  return { rgb, width, height }
}

function readHeader(cursor: Cursor): Header {
  cursor.take(10)
  const offset = cursor.u32()
  const headerBytes = cursor.u32()
  if (!HEADER_BYTES.includes(headerBytes))
    throw new Error(
      `unsupported BMP header (found ${headerBytes} bytes, expected ${HEADER_BYTES.join(', ')})`,
    )
  const isCore = headerBytes === CORE_HEADER_BYTES
  const size = () => (isCore ? cursor.u16() : cursor.u32() | 0)
  const [width, signed] = [size(), size()]
  const height = Math.abs(signed)
  checkSize(width, height)
  cursor.take(2)
  const bits = cursor.u16()
  const compression = isCore ? RAW : cursor.u32()
  if (!DEPTHS[compression]?.includes(bits))
    throw new Error(`unsupported BMP (found compression ${compression} with ${bits} bits per pixel)`)
  if (!isCore) cursor.take(12)
  const counted = isCore ? 0 : cursor.u32()
  const masks = compression === BIT_FIELDS ? readMasks(cursor, bits) : USUAL_MASKS[bits]!
  const fields = { width, height, fromTop: signed < 0, bits, compression, masks }
  const end = FILE_HEADER_BYTES + headerBytes
  if (bits > 8)
    return { ...fields, palette: new Uint8Array(0), start: offset || Math.max(end, cursor.position) }
  const colours = counted || 2 ** bits
  if (colours > MAX_COLOURS)
    throw new Error(`BMP palette too large (found ${colours} colors, maximum ${MAX_COLOURS})`)
  const entryBytes = isCore ? 3 : 4
  cursor.position = end
  const palette = readPalette(cursor.take(colours * entryBytes), entryBytes)
  // As Pillow: an offset that ignores the palette is meant behind it.
  const start = offset === 0 || offset === end ? cursor.position : offset
  return { ...fields, palette, start }
}

function readPalette(stored: Uint8Array, entryBytes: number): Uint8Array {
  const palette = new Uint8Array(MAX_COLOURS * 3)
  for (let at = 0, from = 0; from < stored.length; at += 3, from += entryBytes)
    for (let c = 0; c < 3; c++) palette[at + c] = stored[from + 2 - c]!
  return palette
}

const USUAL_MASKS: { readonly [bits: number]: readonly number[] } = {
  1: [],
  4: [],
  8: [],
  16: [0x7c00, 0x3e0, 0x1f],
  24: [0xff0000, 0xff00, 0xff],
  32: [0xff0000, 0xff00, 0xff],
}
/** Pillow's layouts of bit fields, without their alpha. */
const LAYOUTS: { readonly [bits: number]: readonly (readonly number[])[] } = {
  16: [
    [0xf800, 0x7e0, 0x1f],
    [0x7c00, 0x3e0, 0x1f],
  ],
  24: [[0xff0000, 0xff00, 0xff]],
  32: [
    [0xff0000, 0xff00, 0xff],
    [0xff000000, 0xff0000, 0xff00],
    [0xff000000, 0xff00, 0xff],
    [0xff, 0xff00, 0xff0000],
  ],
}

/** They follow the first 40 bytes of the header, in it or behind it. */
function readMasks(cursor: Cursor, bits: number): readonly number[] {
  cursor.position = FILE_HEADER_BYTES + 40
  const masks = [cursor.u32(), cursor.u32(), cursor.u32()]
  if (bits === 32 && masks.every((mask) => mask === 0)) return USUAL_MASKS[32]!
  if (!LAYOUTS[bits]!.some((layout) => layout.every((mask, c) => mask === masks[c])))
    throw new Error(`unsupported BMP bit fields (${masks.map((mask) => mask.toString(16)).join(', ')})`)
  return masks
}

type Painter = (rows: Uint8Array, from: number, width: number, rgb: Uint8Array, to: number) => void

const indexPainter = (depth: number, palette: Uint8Array): Painter => {
  const perByte = 8 / depth
  const all = 2 ** depth - 1
  return (rows, from, width, rgb, to) => {
    for (let x = 0; x < width; x++, to += 3) {
      const byte = rows[from + Math.floor(x / perByte)]!
      const index = ((byte >> (8 - depth * (1 + (x % perByte)))) & all) * 3
      for (let c = 0; c < 3; c++) rgb[to + c] = palette[index + c]!
    }
  }
}

/** A color of fewer than 8 bits is scaled by 255 / its maximum, rounded down. */
const maskPainter = (bits: number, masks: readonly number[]): Painter => {
  const pixelBytes = bits / 8
  const shifts = masks.map((mask) => 31 - Math.clz32(mask & -mask))
  const largest = masks.map((mask, c) => mask >>> shifts[c]!)
  return (rows, from, width, rgb, to) => {
    for (let x = 0; x < width; x++, from += pixelBytes) {
      let pixel = 0
      for (let i = pixelBytes - 1; i >= 0; i--) pixel = (pixel << 8) | rows[from + i]!
      for (let c = 0; c < 3; c++)
        rgb[to++] = Math.floor((((pixel >>> shifts[c]!) & largest[c]!) * 255) / largest[c]!)
    }
  }
}

/** Skipped lines take no bytes: larger pictures than this need a run for every 255 pixels. */
const MANY_PIXELS = 2 ** 24
const LONGEST_RUN = 255

/** Pairs of a count and a value, and escapes -> one index per pixel, rows as stored (`BmpRleDecoder`). */
function indicesOfRuns(bytes: Uint8Array, { width, height, start, compression }: Header): Uint8Array {
  const fewest = Math.ceil((width * height) / LONGEST_RUN)
  if (width * height > MANY_PIXELS && bytes.length < fewest)
    throw new Error(
      `BMP too small for ${width} x ${height} pixels (found ${bytes.length} bytes, expected ${fewest})`,
    )
  const indices = new Uint8Array(width * height)
  const half = compression === RLE4
  let at = start
  let done = 0
  let x = 0
  while (done < indices.length && at + 1 < bytes.length) {
    const [count, value] = [bytes[at]!, bytes[at + 1]!]
    at += 2
    if (count > 0) {
      const pixels = Math.min(count, Math.max(0, width - x), indices.length - done)
      for (let i = 0; i < pixels; i++)
        indices[done + i] = !half ? value : i % 2 === 0 ? value >> 4 : value & 15
      done += pixels
      x += pixels
    } else if (value === 0) {
      done = Math.ceil(done / width) * width
      x = 0
    } else if (value === 1) break
    else if (value === 2) {
      if (at + 1 >= bytes.length) break
      done = Math.min(indices.length, done + bytes[at]! + bytes[at + 1]! * width)
      at += 2
      x = done % width
    } else {
      const pixels = Math.min(indices.length - done, value)
      const length = half ? Math.ceil(pixels / 2) : pixels
      if (at + length > bytes.length) break
      for (let i = 0; i < pixels; i++) {
        const byte = bytes[at + (half ? i >> 1 : i)]!
        indices[done + i] = !half ? byte : i % 2 === 0 ? byte >> 4 : byte & 15
      }
      done += pixels
      x += value
      at += length
      // Runs start at even bytes.
      at += at % 2
    }
  }
  return indices.subarray(0, done)
}
