// Bytes behind two members: parsers use `size` and `read`, never the file system.
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { FormatError, RequestError } from '../../shared/errors.ts'

/** Random access to an immutable run of bytes. */
export interface Source {
  /** Name for errors: a file's base name, or the name of a part. */
  readonly name: string
  /** Length in bytes. */
  readonly size: number
  /** Exactly the bytes `[start, end)`. Rejects with FormatError if the range is outside the source. */
  read(start: number, end: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Largest single read: parsers ask for headers and directories, tensors are read by their own length. */
export const MAX_READ_BYTES = 2 ** 30

function checkRange(source: Source, start: number, end: number): void {
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end)
  if (!whole || start < 0 || end < start || end > source.size)
    throw new FormatError(
      source.name,
      `read out of range: bytes ${start} to ${end} (file size ${source.size})`,
    )
  if (end - start > MAX_READ_BYTES)
    throw new FormatError(
      source.name,
      `read too large (requested ${end - start} bytes, maximum ${MAX_READ_BYTES})`,
    )
}

/** System error codes -> messages a user can act on. */
const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'no such file'],
  ['ENOTDIR', 'no such file'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EISDIR', 'a folder, not a file'],
])

/** Why a file could not be opened or read, in plain words. */
export function fileProblem(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return REASONS.get(code) ?? message
}

function openError(error: NodeJS.ErrnoException, path: string): Error {
  const reason = REASONS.get(error.code)
  return reason ? new RequestError(`cannot read ${path}: ${reason}`, { cause: error }) : error
}

/** A file as a source; the caller closes it. Throws RequestError if it cannot be opened. */
export async function openFile(path: string): Promise<Source> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw openError(error, path)
  })
  const stat = await handle.stat()
  if (!stat.isFile()) {
    await handle.close()
    throw new FormatError(basename(path), 'not a regular file')
  }
  const source: Source = {
    name: basename(path),
    size: stat.size,
    async read(start, end) {
      checkRange(source, start, end)
      const bytes = new Uint8Array(end - start)
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled)
        if (bytesRead === 0)
          throw new FormatError(source.name, `file was truncated at byte ${start + filled} while being read`)
        filled += bytesRead
      }
      return bytes
    },
    close: () => handle.close(),
  }
  return source
}

/** Bytes in memory as a source (tests, parts already read). */
export function bytesSource(name: string, bytes: Uint8Array): Source {
  const source: Source = {
    name,
    size: bytes.length,
    async read(start, end) {
      checkRange(source, start, end)
      return new Uint8Array(bytes.subarray(start, end))
    },
    close: async () => {},
  }
  return source
}
