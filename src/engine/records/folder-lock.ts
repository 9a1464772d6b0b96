// A folder that is used by one process at a time. A lock is a file that identifies its holder:
//   {"pid": 4711, "host": "...", "boot": "...", "start": "...", "nonce": "...", "since": "2026-..."}
// It is created with its content by only one process, and replaced if its holder has ended.
import { randomBytes } from 'node:crypto'
import { readFile, rm, stat } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { RequestError } from '../../shared/errors.ts'
import {
  createFileAtomic,
  lifeOf,
  thisProcess,
  writeFileAtomic,
  type ProcessIdentity,
} from '../bytes/index.ts'
import { parseJson } from '../../shared/plain-json.ts'

export interface LockHolder {
  /** `process 4711`, with machine and time if they matter. */
  readonly who: string
  /** True if it cannot be checked from here whether that process still runs; then the user may delete the lock. */
  readonly isUnsure: boolean
}

/** Another process has the lock. */
export class LockedError extends RequestError {
  /** @param isUnsure whether its holder may have ended, so that waiting may be in vain */
  constructor(
    message: string,
    readonly isUnsure = false,
  ) {
    super(message)
  }
}

interface Lock extends ProcessIdentity {
  /** Random id, new for each lock. */
  readonly nonce: string
  /** ISO time. */
  readonly since?: string
}

/** Nonces of the locks held by this process. */
const held = new Set<string>()
/** Never used up in practice, because other processes interfere only for moments. */
const ATTEMPTS = 200
const PAUSE_MS = 5
/** On a file system without links, a lock without content is being written; one older than this was left by a crash. */
const WRITING_MS = 10_000

/** Takes the lock at this path. Throws LockedError with instructions if another process has it. */
export async function takeLock(path: string): Promise<void> {
  const nonce = randomBytes(8).toString('hex')
  const mine: Lock = { ...thisProcess(), nonce, since: new Date().toISOString() }
  const text = JSON.stringify(mine)
  held.add(nonce)
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await createFileAtomic(path, text)) return
      const there = await readLock(path)
      // Network file systems can report a link as existing that this call has just created.
      if (there?.nonce === nonce) return
      const holder = there && holderOf(there)
      if (holder) throw new LockedError(inUse(path, holder, ADVICE, 'this file'), holder.isUnsure)
      if (there && (await takeOver(path, there, text))) return
      await wait(PAUSE_MS * Math.random())
    }
    throw new LockedError(`${path}: taken by other processes at the same time; try again`)
  } catch (error) {
    held.delete(nonce)
    throw error
  }
}

const ADVICE = 'wait for it to finish or choose another --out'

/** Error message for a lock in use. `file` describes the lock file: `this file`. */
export const inUse = (
  thing: string,
  { who, isUnsure }: LockHolder,
  advice: string,
  file: string,
  state = 'in use',
): string =>
  `${thing}: ${state} by ${who}; ${advice}${isUnsure ? `. If that process has ended, which cannot be checked from here, delete ${file}` : ''}`

/** Removes our lock; keeps that of another process, if the user has deleted ours. */
export async function releaseLock(path: string): Promise<void> {
  const there = await readLock(path)
  if (!there || !held.has(there.nonce)) return
  await rm(path, { force: true })
  held.delete(there.nonce)
}

/** Undefined if nobody has the lock, or its holder has ended. */
export async function lockHolder(path: string): Promise<LockHolder | undefined> {
  const there = await readLock(path)
  return there && holderOf(there)
}

/**
 * Replaces the lock of a process that has ended; false if another process is doing so. A second lock ensures that only
 * one does, and only the lock that was checked is replaced.
 */
async function takeOver(path: string, ended: Lock, text: string): Promise<boolean> {
  const turn = `${path}.over`
  try {
    await takeLock(turn)
  } catch (error) {
    if (error instanceof LockedError) return false
    throw error
  }
  try {
    if ((await readLock(path))?.nonce !== ended.nonce) return false
    await writeFileAtomic(path, text)
    return true
  } finally {
    await releaseLock(turn)
  }
}

/** Undefined if there is none. An invalid lock has no process number. */
async function readLock(path: string): Promise<Lock | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const lock = parseJson(text) as Partial<Lock> | null
    const { pid, host, nonce } = lock ?? {}
    // Locks of 0.1 have no nonce.
    if (Number.isInteger(pid) && typeof host === 'string')
      return { ...lock, pid: pid!, host, nonce: String(nonce ?? pid) }
  } catch {
    // Invalid locks are judged by their age.
  }
  const file = await stat(path).catch(() => undefined)
  return file && { pid: NaN, host: '', nonce: `${file.ino} ${file.mtimeMs}`, since: file.mtime.toISOString() }
}

/** Undefined if the holder has ended. */
function holderOf(lock: Lock): LockHolder | undefined {
  const { pid, host, since, nonce } = lock
  if (Number.isNaN(pid)) {
    const isNew = Date.now() - Date.parse(since!) < WRITING_MS
    return isNew ? { who: 'a process that is starting', isUnsure: false } : undefined
  }
  const life = lifeOf(lock)
  if (life === 'ended') return undefined
  if (life === 'this' || held.has(nonce)) return { who: 'this program', isUnsure: false }
  const here = thisProcess()
  if (life === 'alive') return { who: `process ${pid}`, isUnsure: false }
  // Without start times, a lock with our own number is from an ended process with the same number.
  if (pid === here.pid && host === here.host) return undefined
  const where = host === here.host ? '' : ` on ${host}`
  const begun = since === undefined ? '' : ` since ${since.slice(0, 16).replace('T', ' ')} UTC`
  return { who: `process ${pid}${where}${begun}`, isUnsure: true }
}
