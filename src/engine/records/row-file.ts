// Rows of numbers appended to an .npy file of known final size: rows written before a crash are kept, and writing
// resumes after them.
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

/** Opens or creates the file of `count` rows of `width` numbers. */
export async function openRowFile(
  path: string,
  type: 'f32' | 'u8',
  count: number,
  width: number,
): Promise<RowFile> {
  const head = encodeNpyHeader(type, [count, width])
  const rowBytes = width * ELEMENTS[type].size
  const handle = await open(path, 'r+').catch(() => open(path, 'w+'))
  let rows = 0
  try {
    const { size } = await handle.stat()
    if (size >= head.length && (await sameBytes(handle, head)))
      rows = Math.min(count, Math.floor((size - head.length) / rowBytes))
    else {
      await handle.truncate(0)
      await handle.write(head, 0, head.length, 0)
    }
  } catch (error) {
    await handle.close()
    throw error
  }
  return {
    get rows() {
      return rows
    },
    async cut(to) {
      rows = Math.min(rows, to)
      await handle.truncate(head.length + rows * rowBytes)
    },
    async append(values) {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
      await handle.write(bytes, 0, bytes.length, head.length + rows * rowBytes)
      await handle.datasync()
      rows += bytes.length / rowBytes
    },
    async read(from, to) {
      const bytes = new Uint8Array((to - from) * rowBytes)
      for (let filled = 0; filled < bytes.length;) {
        const at = head.length + from * rowBytes + filled
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, at)
        if (bytesRead === 0) throw new FormatError(path, `file was truncated at byte ${at} while being read`)
        filled += bytesRead
      }
      return bytes
    },
    close: () => handle.close(),
  }
}

async function sameBytes(handle: FileHandle, expected: Uint8Array): Promise<boolean> {
  const found = Buffer.alloc(expected.length)
  await handle.read(found, 0, found.length, 0)
  return found.equals(expected)
}
