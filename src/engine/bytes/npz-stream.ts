// .npz archives larger than memory: arrays are written and read row by row. A batch of 50,000 images of 256 pixels is
// one array of 9.8 GB, so entries may need zip64 (APPNOTE 4.3.9.2).
import { Readable } from 'node:stream'
import { createInflateRaw } from 'node:zlib'
import yazl from 'yazl'
import { FormatError } from '../../shared/errors.ts'
import { writeFileAtomic } from './atomic-write.ts'
import { ELEMENTS, elementCount, rowMajorStrides, type ElementType } from './elements.ts'
import { encodeNpyHeader, readNpyHeader, type NpyHeader } from './npy.ts'
import type { Source } from './source.ts'
import type { ZipEntry } from './zip.ts'

/** An array to write: `bytes` are its elements in C order, little-endian, in pieces of any size. */
export interface StreamedArray {
  readonly type: ElementType
  readonly shape: readonly number[]
  readonly bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
}

/** An array to read; rows are along its first axis. */
export interface NpzRows {
  readonly type: ElementType
  readonly shape: readonly number[]
  readonly rowBytes: number
  /** Elements of `rows` rows at a time (the last piece may be shorter), starting at row `from`. */
  read(rows: number, from?: number): AsyncGenerator<Uint8Array>
}

/** Bytes read and inflated at once. */
const CHUNK_BYTES = 4 * 2 ** 20
/** An .npy header has about 128 bytes, at most 10,000. */
const HEAD_BYTES = 16_384
const FIXED_MODE = 0o100644

/**
 * Writes the arrays in the given order, stored and with fixed times, atomically. One piece is in memory at a time.
 * Rejects if the pieces do not fill the shape, or with RequestError if the file cannot be written.
 */
export async function writeNpzStream(
  path: string,
  arrays: Readonly<Record<string, StreamedArray>>,
): Promise<void> {
  const zip = new yazl.ZipFile()
  const output = failingWith(zip)
  for (const [name, { type, shape, bytes }] of Object.entries(arrays)) {
    const head = encodeNpyHeader(type, shape)
    const size = head.length + elementCount(shape) * ELEMENTS[type].size
    const options = {
      mtime: new Date(1980, 0, 2),
      forceDosTimestamp: true,
      mode: FIXED_MODE,
      compress: false,
    }
    zip.addReadStreamLazy(`${name}.npy`, { ...options, size }, (give) =>
      give(null, output.input(Readable.from(joined(head, bytes), { objectMode: false }))),
    )
  }
  zip.end()
  await writeFileAtomic(path, output.stream)
}

/**
 * The bytes of an archive, which end with the error of whichever input fails: yazl does not forward errors of its
 * inputs, and reports its own outside its stream.
 */
export function failingWith(zip: yazl.ZipFile): {
  readonly stream: Readable
  input<S extends Readable>(input: S): S
  fail(error: Error): void
} {
  // A PassThrough. The writer sees an error when it reads; without a listener here it would crash the process.
  const stream = (zip.outputStream as Readable).on('error', () => {})
  const fail = (error: Error) => void stream.destroy(error)
  zip.on('error', fail)
  // Inputs are opened one after another.
  let current: Readable | undefined
  stream.on('close', () => current?.destroy())
  return {
    stream,
    fail,
    input(input) {
      current = input
      return input.on('error', fail)
    },
  }
}

async function* joined(
  head: Uint8Array,
  bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield head
  yield* bytes
}

/** Opens one array of an archive. Throws FormatError if it is not an array of rows in C order. */
export async function openNpzRows(source: Source, entry: ZipEntry): Promise<NpzRows> {
  const place = `${source.name}: ${entry.name}`
  const header = await entryHeader(source, entry, place)
  const { type, shape, strides, dataStart } = header
  if (shape.length === 0 || strides.some((stride, axis) => stride !== rowMajorStrides(shape)[axis]))
    throw new FormatError(place, `not an array of rows in C order (found shape [${shape.join(', ')}])`)
  const rowBytes = elementCount(shape.slice(1)) * ELEMENTS[type].size
  return {
    type,
    shape,
    rowBytes,
    async *read(rows, from = 0) {
      const start = dataStart + from * rowBytes
      const end = dataStart + header.dataSize
      const pieces = entry.stored ? stored(source, entry, start, end) : inflated(source, entry, start, end)
      yield* regrouped(pieces, rows * rowBytes)
    },
  }
}

/** The header, read from as little of the entry as possible. */
async function entryHeader(source: Source, entry: ZipEntry, place: string): Promise<NpyHeader> {
  const end = Math.min(HEAD_BYTES, entry.fullSize)
  const pieces = entry.stored ? stored(source, entry, 0, end) : inflated(source, entry, 0, end)
  const parts: Uint8Array[] = []
  for await (const piece of pieces) parts.push(piece)
  const head = Buffer.concat(parts)
  return readNpyHeader({
    name: place,
    size: entry.fullSize,
    read: async (from, to) => {
      if (to > head.length) throw new FormatError(place, `unexpected end at byte ${head.length}`)
      return Uint8Array.from(head.subarray(from, to))
    },
    close: async () => {},
  })
}

async function* stored(source: Source, entry: ZipEntry, start: number, end: number) {
  for (let at = start; at < end; at += CHUNK_BYTES)
    yield await source.read(entry.start + at, entry.start + Math.min(end, at + CHUNK_BYTES))
}

/** Bytes `[start, end)` of a compressed entry; the bytes before are inflated and dropped. */
async function* inflated(
  source: Source,
  entry: ZipEntry,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const compressed = stored(source, { ...entry, stored: true }, 0, entry.size)
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES })
  const place = `${source.name}: ${entry.name}`
  const reading = Readable.from(compressed, { objectMode: false })
  reading.on('error', (error) => inflate.destroy(error)).pipe(inflate)
  let at = 0
  try {
    for await (const piece of inflate as AsyncIterable<Uint8Array>) {
      const from = Math.max(0, start - at)
      const to = Math.min(piece.length, end - at)
      at += piece.length
      if (to > from) yield piece.subarray(from, to)
      if (at >= end) return
    }
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw new FormatError(place, `cannot be decompressed (${(error as Error).message})`)
  } finally {
    reading.destroy()
    inflate.destroy()
  }
  if (at < end) throw new FormatError(place, `wrong decompressed size (found ${at} bytes, expected ${end})`)
}

/** The same bytes in pieces of `size`, each in memory of its own. */
async function* regrouped(pieces: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let group = new Uint8Array(size)
  let filled = 0
  for await (const piece of pieces)
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + size - filled)
      group.set(part, filled)
      filled += part.length
      at += part.length
      if (filled < size) continue
      yield group
      group = new Uint8Array(size)
      filled = 0
    }
  if (filled > 0) yield group.subarray(0, filled)
}
