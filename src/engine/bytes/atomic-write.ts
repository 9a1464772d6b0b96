// Atomic file writes: bytes go to a temporary file in the same folder, are synced to disk, then renamed.
import { createHash } from 'node:crypto'
import { link, open, readdir, rename, stat, unlink, writeFile, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { RequestError } from '../../shared/errors.ts'
import { isRunning, thisProcess } from './process-identity.ts'

/**
 * Waits before renaming again: virus scanners and indexers on Windows briefly lock new files. About two seconds in
 * total.
 */
const RENAME_WAITS_MS = [10, 30, 100, 300, 600, 1000]
const HELD_BRIEFLY: ReadonlySet<unknown> = new Set(['EPERM', 'EACCES', 'EBUSY'])
/**
 * `NAME.tmp-<place>-<process>-<n>` identifies the writer, so that later runs recognize orphans. 0.1 left out the place.
 */
const TEMPORARY = /\.tmp-(?:([0-9a-f]{8})-)?(\d+)-\d+$/
/** Maximum characters of the file's name in the temporary name, because names are limited to 255 bytes. */
const STEM = 40
/**
 * Minimum age for deleting temporary files of other machines that share the folder, whose processes are unknown here.
 */
const FOREIGN_ORPHAN_MS = 24 * 3600_000

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
  ['ENAMETOOLONG', 'the name is too long'],
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

/**
 * Creates a file together with its content: no process sees a part of it, and only one of several processes succeeds.
 * False if the file exists. Throws RequestError like `writeFileAtomic`.
 */
export async function createFileAtomic(path: string, text: string): Promise<boolean> {
  let temporary: string | undefined
  try {
    const [handle, name] = await openTemporary(path)
    temporary = name
    try {
      await handle.writeFile(text)
    } finally {
      await handle.close()
    }
    await link(name, path).catch(async (error: unknown) => {
      if (codeOf(error) === 'EEXIST') throw error
      // On a file system without links, the content appears a moment after the name.
      await writeFile(path, text, { flag: 'wx' })
    })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw explainWrite(error, path)
  } finally {
    if (temporary) {
      await unlink(temporary).catch(() => {})
      inFlight.delete(temporary)
    }
  }
}

/** True for a name that `writeFileAtomic` gives to unfinished files. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name)
}

/**
 * Deletes temporary files of interrupted runs in a folder: those whose process has ended, and old ones of other
 * machines. Returns their names.
 */
export async function sweepTemporaries(folder: string): Promise<string[]> {
  const swept: string[] = []
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const [, place, pid] = TEMPORARY.exec(name) ?? []
    if (pid === undefined || inFlight.has(path)) continue
    const isInUse = place === ownPlace() ? isAnotherProcess(Number(pid)) : await isRecent(path)
    if (isInUse) continue
    await unlink(path).catch(() => {})
    swept.push(name)
  }
  return swept
}

const isAnotherProcess = (pid: number) => pid !== process.pid && isRunning(pid)
const isRecent = async (path: string) =>
  Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? 0) < FOREIGN_ORPHAN_MS

let place: string | undefined
/** The scope of our process numbers: this machine since its last boot, or a container in it. */
function ownPlace(): string {
  const { host, machine, boot, pids } = thisProcess()
  place ??= createHash('sha256').update([host, machine, boot, pids].join('\n')).digest('hex').slice(0, 8)
  return place
}

async function openTemporary(path: string): Promise<[FileHandle, string]> {
  for (;;) {
    const stem = basename(path).slice(0, STEM)
    const name = join(dirname(path), `${stem}.tmp-${ownPlace()}-${process.pid}-${counter++}`)
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

/** The new name must survive a power cut too; Windows has no such call for folders. */
export async function syncFolder(folder: string): Promise<void> {
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

/** Why the system refused to write, in words; undefined for any other error. */
export const writeReason = (error: unknown): string | undefined => REASONS.get(codeOf(error))

/** A failed write as a RequestError that the user can act on; any other error unchanged. */
export function explainWrite(error: unknown, path: string): unknown {
  const reason = writeReason(error)
  return reason ? new RequestError(`cannot write ${path}: ${reason}`, { cause: error }) : error
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
