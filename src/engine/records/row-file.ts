// Rows of numbers appended to an .npy file of known final size: rows written before a crash are kept, and writing
// resumes after them. Each row has a sha256 in PATH.sha256: rows from the first that does not match are made again.
import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { FormatError } from '../../shared/errors.ts'
import { ELEMENTS, encodeNpyHeader } from '../bytes/index.ts'

export interface RowFile {
  /** Number of complete rows. */
  readonly rows: number
  /** Truncates to the first `rows` rows. */
  cut(rows: number): Promise<void>
  /** Appends rows, which are on disk when this resolves. */
  append(values: Float32Array | Uint8Array): Promise<void>
  /** Rows `[from, to)` as bytes. */
  read(from: number, to: number): Promise<Uint8Array<ArrayBuffer>>
  close(): Promise<void>
}

const DIGEST_BYTES = 32
/** Read at once to check the rows. */
const CHUNK_BYTES = 4 * 2 ** 20

/**
 * Opens or creates the file of `count` rows of `width` numbers, and checks every row in it: a gigabyte takes about
 * two seconds.
 */
export async function openRowFile(
  path: string,
  type: 'f32' | 'u8',
  count: number,
  width: number,
): Promise<RowFile> {
  const head = encodeNpyHeader(type, [count, width])
  const rowBytes = width * ELEMENTS[type].size
  const handle = await openOrCreate(path)
  const seals = await openOrCreate(`${path}.sha256`)
  const close = async () => {
    await Promise.all([handle.close(), seals.close()])
  }
  let rows = 0
  try {
    if ((await readAt(handle, 0, head.length)).equals(head))
      rows = await goodRows(handle, seals, head.length, rowBytes, count)
    else {
      await handle.truncate(0)
      await handle.write(head, 0, head.length, 0)
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    get rows() {
      return rows
    },
    async cut(to) {
      rows = Math.min(rows, to)
      await handle.truncate(head.length + rows * rowBytes)
      await seals.truncate(rows * DIGEST_BYTES)
    },
    async append(values) {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
      const digests = rowDigests(bytes, rowBytes, rows)
      await handle.write(bytes, 0, bytes.length, head.length + rows * rowBytes)
      await seals.write(digests, 0, digests.length, rows * DIGEST_BYTES)
      await Promise.all([handle.datasync(), seals.datasync()])
      rows += bytes.length / rowBytes
    },
    async read(from, to) {
      const [at, length] = [head.length + from * rowBytes, (to - from) * rowBytes]
      const bytes = await readAt(handle, at, length)
      if (bytes.length < length)
        throw new FormatError(path, `file was truncated at byte ${at + bytes.length} while being read`)
      return bytes
    },
    close,
  }
}

const openOrCreate = (path: string) => open(path, 'r+').catch(() => open(path, 'w+'))

/** Fewer bytes at the end of the file. */
async function readAt(handle: FileHandle, at: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.alloc(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, at + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/** Number of rows before the first that is cut off or has another digest. */
async function goodRows(
  handle: FileHandle,
  seals: FileHandle,
  start: number,
  rowBytes: number,
  count: number,
): Promise<number> {
  const step = Math.max(1, Math.floor(CHUNK_BYTES / rowBytes))
  for (let row = 0; row < count; row += step) {
    const wanted = Math.min(step, count - row)
    const bytes = await readAt(handle, start + row * rowBytes, wanted * rowBytes)
    const written = await readAt(seals, row * DIGEST_BYTES, wanted * DIGEST_BYTES)
    const found = rowDigests(bytes, rowBytes, row)
    for (let i = 0; i < wanted; i++) {
      const place = [i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES] as const
      if (place[1] > found.length || !found.subarray(...place).equals(written.subarray(...place)))
        return row + i
    }
  }
  return count
}

/** Of the whole rows in `bytes`, the first of which is number `row`: a row in another place is not the same. */
function rowDigests(bytes: Uint8Array, rowBytes: number, row: number): Buffer {
  const rows = Math.floor(bytes.length / rowBytes)
  const digests = Array.from({ length: rows }, (_, i) =>
    createHash('sha256')
      .update(String(row + i))
      .update(bytes.subarray(i * rowBytes, (i + 1) * rowBytes))
      .digest(),
  )
  return Buffer.concat(digests)
}
