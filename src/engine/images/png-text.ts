// PNG bytes <-> their text chunks, in which an image carries its recipe (PNG specification, 11.3.3).
import { crc32, inflateSync } from 'node:zlib'
import { FormatError } from '../../shared/errors.ts'
import { contentWords } from '../bytes/index.ts'

/**
 * Limit of the inflated text of one file: a recipe with both token grids has about 2 kB, a workflow can have megabytes.
 */
export const MAX_TEXT_BYTES = 16 * 2 ** 20

/** An image file of half a gigabyte in the usual pieces of 8 KiB has 65,536; each costs microseconds. */
const MAX_CHUNKS = 100_000

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const TEXT_TYPES = new Set(['tEXt', 'zTXt', 'iTXt'])

/** One chunk: `[start, end)` includes length and checksum; `data` is a view of its contents. */
interface Chunk {
  readonly type: string
  readonly start: number
  readonly data: Buffer
}

/**
 * The same PNG with text before its pixels: tEXt for Latin-1, otherwise iTXt (UTF-8). Existing text stays.
 * @param entries pairs of keyword (1 to 79 printable Latin-1 characters) and text (no NUL)
 */
export function pngWithText(
  png: Uint8Array,
  entries: Iterable<readonly [string, string]>,
  name = 'image',
): Uint8Array {
  const pixels = pngChunks(png, name).find(({ type }) => type === 'IDAT')!
  const texts = Array.from(entries, ([keyword, text]) => textChunk(keyword, text))
  return new Uint8Array(Buffer.concat([png.subarray(0, pixels.start), ...texts, png.subarray(pixels.start)]))
}

/**
 * All text of a PNG by keyword; the last one of a repeated keyword, as in PIL.
 * @throws FormatError if the file is not a PNG, a text chunk is damaged, or the text exceeds MAX_TEXT_BYTES
 */
export function readPngText(png: Uint8Array, name = 'image'): Map<string, string> {
  const texts = new Map<string, string>()
  let budget = MAX_TEXT_BYTES
  for (const chunk of pngChunks(png, name)) {
    const { type, start, data } = chunk
    if (!TEXT_TYPES.has(type)) continue
    const place = `${name}, ${type} at byte ${start}`
    checkSum(png, chunk, name)
    const [keyword, bytes, encoding] = splitText(type, data, budget, place)
    budget -= bytes.length
    if (budget < 0) throw new FormatError(place, `too much text (maximum ${MAX_TEXT_BYTES} bytes)`)
    texts.set(keyword, bytes.toString(encoding))
  }
  return texts
}

/** Throws FormatError unless every chunk is as it was written, the pixels too; none is decoded. */
export function checkPng(png: Uint8Array, name = 'image'): void {
  for (const chunk of pngChunks(png, name)) checkSum(png, chunk, name)
}

function checkSum(png: Uint8Array, { type, start, data }: Chunk, name: string): void {
  const stored = Buffer.from(png.buffer, png.byteOffset + start, data.length + 12)
  if (stored.readUInt32BE(data.length + 8) !== crc32(stored.subarray(4, -4)))
    throw new FormatError(`${name}, ${type} at byte ${start}`, 'checksum mismatch')
}

/** The chunks up to IEND. Sizes must fit the file, IHDR must come first, and IDAT must exist. */
function pngChunks(png: Uint8Array, name: string): Chunk[] {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  if (!bytes.subarray(0, 8).equals(SIGNATURE))
    throw new FormatError(name, `not a PNG file (found ${contentWords(bytes, bytes.length)})`)
  const chunks: Chunk[] = []
  let start = 8
  while (chunks.at(-1)?.type !== 'IEND') {
    if (chunks.length === MAX_CHUNKS)
      throw new FormatError(name, `too many PNG chunks (maximum ${MAX_CHUNKS})`)
    const left = bytes.length - start - 12
    const length = left < 0 ? 0 : bytes.readUInt32BE(start)
    if (left < length)
      throw new FormatError(
        name,
        `PNG chunk at byte ${start} extends past the end of the file (${bytes.length} bytes)`,
      )
    const type = bytes.toString('latin1', start + 4, start + 8)
    chunks.push({ type, start, data: bytes.subarray(start + 8, start + 8 + length) })
    start += length + 12
  }
  if (chunks[0]!.type !== 'IHDR')
    throw new FormatError(name, `invalid PNG: first chunk is ${chunks[0]!.type}, expected IHDR`)
  if (!chunks.some(({ type }) => type === 'IDAT'))
    throw new FormatError(name, 'invalid PNG: no pixel data (IDAT)')
  return chunks
}

/** Contents of a text chunk -> keyword, text bytes and their encoding. */
function splitText(
  type: string,
  data: Buffer,
  budget: number,
  place: string,
): [string, Buffer, BufferEncoding] {
  const part = (from: number): number => {
    const nul = data.indexOf(0, from)
    if (nul < 0) throw new FormatError(place, 'unterminated field')
    return nul
  }
  const end = part(0)
  const keyword = data.toString('latin1', 0, end)
  if (type === 'tEXt') return [keyword, data.subarray(end + 1), 'latin1']
  if (type === 'zTXt') return [keyword, inflate(data.subarray(end + 2), budget, place), 'latin1']
  const text = data.subarray(part(part(end + 3) + 1) + 1) // after two flags, language, translated keyword
  return [keyword, data[end + 1] === 1 ? inflate(text, budget, place) : text, 'utf8']
}

function inflate(bytes: Buffer, budget: number, place: string): Buffer {
  try {
    return inflateSync(bytes, { maxOutputLength: Math.max(budget, 1) })
  } catch (error) {
    throw new FormatError(place, `cannot be inflated (${(error as Error).message})`)
  }
}

function textChunk(keyword: string, text: string): Buffer {
  if (
    !/^[!-~\u00a1-\u00ff](?:[ -~\u00a1-\u00ff]{0,77}[!-~\u00a1-\u00ff])?$/.test(keyword) ||
    keyword.includes('  ')
  )
    throw new RangeError(`invalid PNG keyword '${keyword}' (expected 1 to 79 printable Latin-1 characters)`)
  if (text.includes('\0')) throw new RangeError(`PNG text '${keyword}': contains a NUL`)
  const latin1 = Buffer.from(text, 'latin1').toString('latin1') === text
  const head = Buffer.from(keyword + (latin1 ? '\0' : '\0\0\0\0\0'), 'latin1') // iTXt: not compressed, no language
  const body = Buffer.concat([
    Buffer.from(latin1 ? 'tEXt' : 'iTXt'),
    head,
    Buffer.from(text, latin1 ? 'latin1' : 'utf8'),
  ])
  if (body.length > MAX_TEXT_BYTES)
    throw new RangeError(`PNG text '${keyword}': too long (maximum ${MAX_TEXT_BYTES} bytes)`)
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(body.length - 4, 0)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  return chunk
}
