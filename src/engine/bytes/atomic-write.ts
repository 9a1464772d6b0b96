// A file appears whole or not at all: bytes go to a temporary neighbour, reach the disk, then take the name.
import { open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { RequestError } from '../../shared/errors.ts'

/** Virus scanners and indexers on Windows hold a new file for a moment; together these are about two seconds. */
const RENAME_WAITS_MS = [10, 30, 100, 300, 600, 1000]
const HELD_BRIEFLY: ReadonlySet<unknown> = new Set(['EPERM', 'EACCES', 'EBUSY'])
/** `NAME.tmp-<process>-<n>`: says who writes it, so that a later run knows an orphan. */
const TEMPORARY = /\.tmp-(\d+)-\d+$/

/** System error codes -> messages a user can act on. */
const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'disk quota exceeded'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENOENT', 'its folder does not exist'],
  ['ENOTDIR', 'its parent path is not a folder'],
  ['EISDIR', 'a folder with this name exists'],
])

const inFlight = new Set<string>()
let counter = 0

/**
 * Writes the whole file or leaves the old one. Throws RequestError with the path if the disk is full or the
 * folder is missing or not writable; errors of `data` itself are passed on.
 */
export async function writeFileAtomic(
  path: string,
  data: Uint8Array | string | AsyncIterable<Uint8Array>,
): Promise<void> {
  let temporary: string | undefined
  try {
    const [handle, name] = await openTemporary(path)
    temporary = name
    try {
      await writeAll(handle, data)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await renameOver(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    if (temporary) await unlink(temporary).catch(() => {})
    throw explainWrite(error, path)
  } finally {
    if (temporary) inFlight.delete(temporary)
  }
}

/** True for a name that `writeFileAtomic` gives to unfinished files. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name)
}

/** Removes what interrupted runs left in a folder: temporary files whose process no longer lives. Returns their names. */
export async function sweepTemporaries(folder: string): Promise<string[]> {
  const swept: string[] = []
  for (const name of await readdir(folder)) {
    const writer = TEMPORARY.exec(name)?.[1]
    if (writer === undefined || inFlight.has(join(folder, name)) || isAnotherProcess(Number(writer))) continue
    await unlink(join(folder, name)).catch(() => {})
    swept.push(name)
  }
  return swept
}

async function openTemporary(path: string): Promise<[FileHandle, string]> {
  for (;;) {
    const name = join(dirname(path), `${basename(path)}.tmp-${process.pid}-${counter++}`)
    try {
      const handle = await open(name, 'wx')
      inFlight.add(name)
      return [handle, name]
    } catch (error) {
      // Left over from a dead process with our pid: use the next name.
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
}

async function writeAll(
  handle: FileHandle,
  data: Uint8Array | string | AsyncIterable<Uint8Array>,
): Promise<void> {
  if (typeof data === 'string' || data instanceof Uint8Array) return handle.writeFile(data)
  for await (const chunk of data) await handle.writeFile(chunk)
}

async function renameOver(from: string, to: string): Promise<void> {
  for (const delay of process.platform === 'win32' ? RENAME_WAITS_MS : []) {
    try {
      return await rename(from, to)
    } catch (error) {
      if (!HELD_BRIEFLY.has(codeOf(error))) throw error
      await wait(delay)
    }
  }
  await rename(from, to)
}

/** The new name itself must survive a power cut; Windows has no such call on folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Some network file systems refuse to sync a folder; the file itself is on the disk by now.
    if (codeOf(error) !== 'EINVAL' && codeOf(error) !== 'ENOTSUP') throw error
  } finally {
    await handle.close()
  }
}

function isAnotherProcess(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** A failed write as a RequestError that a person can act on; any other error as it is. */
export function explainWrite(error: unknown, path: string): unknown {
  const reason = REASONS.get(codeOf(error))
  return reason ? new RequestError(`cannot write ${path}: ${reason}`, { cause: error }) : error
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
