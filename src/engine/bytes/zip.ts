// A zip archive -> the position of each entry's bytes, so that tensors can be read or used in place. Format:
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3.7 local, 4.3.12 central header). CRCs are not
// checked: torch can be configured not to compute them, and tensors are not read completely just for a check.
import { inflateRawSync } from 'node:zlib'
import yauzl from 'yauzl'
import { FormatError } from '../../shared/errors.ts'
import { contentOf } from './content.ts'
import { MAX_READ_BYTES, type Source } from './source.ts'

/** One file of an archive. `start` and `size` are bytes of the archive; a compressed entry has no usable bytes. */
export interface ZipEntry {
  readonly name: string
  readonly stored: boolean
  readonly start: number
  /** Bytes as stored in the archive. */
  readonly size: number
  /** Bytes once decompressed; equals `size` for a stored entry. */
  readonly fullSize: number
}

/** A fairseq trainer state of the large model with its optimizer has about 3,000 entries. */
export const MAX_ENTRIES = 200_000
/** Names, extra fields and comments together; those of a large checkpoint take 200 KB. */
const MAX_NAMES_BYTES = 64 * 2 ** 20
/** Headers are tens of bytes each: one read serves several of them. */
const READ_AHEAD_BYTES = 1024
const STORED = 0
const DEFLATED = 8
/** General purpose flags: sizes follow the data; data is encrypted. */
const SIZES_FOLLOW = 0x8
const ENCRYPTED = 0x1
const ZIP64_FIELD = 1
const ZIP64_MARK = 0xffffffff

/** yauzl's view of a source. Errors thrown inside its callbacks go to `crashed` instead of being lost. */
class SourceReader extends yauzl.RandomAccessReader {
  #start = 0
  #window: Uint8Array = new Uint8Array(0)

  constructor(
    readonly source: Source,
    readonly crashed: (error: unknown) => void,
  ) {
    super()
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#bytes(position, length)
      .then((bytes) => {
        buffer.set(bytes, offset)
        callback(null)
      }, callback)
      .catch(this.crashed)
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null)
  }

  async #bytes(position: number, length: number): Promise<Uint8Array> {
    if (position < this.#start || position + length > this.#start + this.#window.length) {
      const ahead = Math.min(position + Math.max(length, READ_AHEAD_BYTES), this.source.size)
      this.#window = await this.source.read(position, Math.max(ahead, position + length))
      this.#start = position
    }
    return this.#window.subarray(position - this.#start, position - this.#start + length)
  }
}

/** Every file of the archive by name. Throws FormatError on anything ambiguous: duplicates, overlaps, mismatches. */
export async function readZip(source: Source): Promise<ReadonlyMap<string, ZipEntry>> {
  try {
    const found = await centralDirectory(source)
    const entries = new Map<string, ZipEntry>()
    const extents: { name: string; start: number; end: number }[] = []
    for (const { entry, local } of found) {
      const place = `${source.name}: entry ${entry.fileName}`
      checkHeaders(place, entry, local)
      const start = local.fileDataStart
      const end = start + entry.compressedSize
      if (!Number.isSafeInteger(end) || end > source.size)
        throw new FormatError(place, `bytes ${start} to ${end} are outside the file (size ${source.size})`)
      extents.push({ name: entry.fileName, start: entry.relativeOffsetOfLocalHeader, end })
      if (entry.fileName.endsWith('/')) continue
      if (entries.has(entry.fileName)) throw new FormatError(place, 'duplicate entry name')
      const stored = entry.compressionMethod === STORED
      entries.set(entry.fileName, {
        name: entry.fileName,
        stored,
        start,
        size: entry.compressedSize,
        fullSize: entry.uncompressedSize,
      })
    }
    checkOverlaps(source, extents)
    return entries
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw new FormatError(source.name, await archiveProblem(source, error))
  }
}

/** The directory of an archive is at its end, which a truncated file lacks and yauzl does not find. */
async function archiveProblem(source: Source, error: unknown): Promise<string> {
  const message = error instanceof Error ? error.message : String(error)
  const start = Buffer.from(await source.read(0, Math.min(2, source.size))).toString('latin1')
  if (start !== 'PK') return `not a zip archive (found ${await contentOf(source)})`
  return /^End of central directory/i.test(message)
    ? 'truncated zip archive (the directory at its end is missing)'
    : `invalid zip archive: ${message}`
}

/** All bytes of one entry, decompressed if necessary. Throws if there are more than `limit`. */
export async function readEntry(
  source: Source,
  entry: ZipEntry,
  limit = MAX_READ_BYTES,
): Promise<Uint8Array> {
  const place = `${source.name}: entry ${entry.name}`
  const largest = Math.max(entry.size, entry.fullSize)
  if (largest > limit)
    throw new FormatError(place, `entry too large (found ${largest} bytes, maximum ${limit})`)
  const bytes = await source.read(entry.start, entry.start + entry.size)
  if (entry.stored) return bytes
  let inflated: Uint8Array
  try {
    inflated = inflateRawSync(bytes, { maxOutputLength: Math.max(entry.fullSize, 1) })
  } catch (error) {
    throw new FormatError(
      place,
      `cannot be decompressed (${error instanceof Error ? error.message : String(error)})`,
    )
  }
  if (inflated.length !== entry.fullSize)
    throw new FormatError(
      place,
      `wrong decompressed size (found ${inflated.length} bytes, expected ${entry.fullSize})`,
    )
  return inflated
}

interface Headers {
  entry: yauzl.Entry
  local: yauzl.LocalFileHeader
}

/** Walks the central directory, then each local header, in the order of the directory. */
function centralDirectory(source: Source): Promise<Headers[]> {
  return new Promise((resolve, reject) => {
    const reader = new SourceReader(source, reject)
    const options = { autoClose: false, lazyEntries: true }
    yauzl.fromRandomAccessReader(reader, source.size, options, (error, zip) => {
      if (error) return reject(error)
      if (zip.entryCount > MAX_ENTRIES)
        return reject(
          new FormatError(
            source.name,
            `too many zip entries (found ${zip.entryCount}, maximum ${MAX_ENTRIES})`,
          ),
        )
      const entries: yauzl.Entry[] = []
      let names = 0
      zip.on('entry', (entry: yauzl.Entry) => {
        entries.push(entry)
        names += entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength
        if (names > MAX_NAMES_BYTES)
          return reject(
            new FormatError(
              source.name,
              `zip directory too large (maximum ${MAX_NAMES_BYTES} bytes of names)`,
            ),
          )
        zip.readEntry()
      })
      zip.on('error', reject)
      zip.on('end', () => localHeaders(zip, entries).then(resolve, reject))
      zip.readEntry()
    })
  })
}

async function localHeaders(zip: yauzl.ZipFile, entries: yauzl.Entry[]): Promise<Headers[]> {
  const found: Headers[] = []
  for (const entry of entries) found.push({ entry, local: await zip.readLocalFileHeaderPromise(entry) })
  return found
}

/** A reader that trusts the other header must see the same file. */
function checkHeaders(place: string, entry: yauzl.Entry, local: yauzl.LocalFileHeader): void {
  const mismatch = (what: string, one: unknown, other: unknown) =>
    new FormatError(place, `${what} differs: ${one} in the local header, ${other} in the central directory`)
  if (!local.fileName.equals(entry.fileNameRaw))
    throw mismatch('name', JSON.stringify(local.fileName.toString('latin1')), JSON.stringify(entry.fileName))
  if (local.compressionMethod !== entry.compressionMethod)
    throw mismatch('compression', local.compressionMethod, entry.compressionMethod)
  if ((entry.generalPurposeBitFlag | local.generalPurposeBitFlag) & ENCRYPTED)
    throw new FormatError(place, 'encrypted entries are not supported')
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED)
    throw new FormatError(
      place,
      `unsupported compression method (found ${entry.compressionMethod}, expected 0 (stored) or 8 (deflate))`,
    )
  const { size, fullSize } = localSizes(local)
  if (local.generalPurposeBitFlag & SIZES_FOLLOW && size === 0 && fullSize === 0) return
  if (size !== entry.compressedSize) throw mismatch('size', size, entry.compressedSize)
  if (fullSize !== entry.uncompressedSize)
    throw mismatch('uncompressed size', fullSize, entry.uncompressedSize)
}

function localSizes(local: yauzl.LocalFileHeader): { size: number; fullSize: number } {
  const marked = local.compressedSize === ZIP64_MARK || local.uncompressedSize === ZIP64_MARK
  const wide = marked && yauzl.parseExtraFields(local.extraField).find(({ id }) => id === ZIP64_FIELD)?.data
  if (!wide || wide.length < 16) return { size: local.compressedSize, fullSize: local.uncompressedSize }
  return { fullSize: Number(wide.readBigUInt64LE(0)), size: Number(wide.readBigUInt64LE(8)) }
}

function checkOverlaps(source: Source, extents: { name: string; start: number; end: number }[]): void {
  extents.sort((a, b) => a.start - b.start)
  for (const [i, entry] of extents.entries()) {
    const before = extents[i - 1]
    if (before && before.end > entry.start)
      throw new FormatError(
        source.name,
        `entries ${before.name} and ${entry.name} overlap at byte ${entry.start}`,
      )
  }
}
