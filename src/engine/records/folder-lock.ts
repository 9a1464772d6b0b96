// A folder that is made when missing and worked in by one process at a time. A lock is a file that names its holder:
//   {"pid": 4711, "host": "...", "boot": "...", "start": "...", "nonce": "...", "since": "2026-..."}
// It appears whole, under a name that only one process can take, and is taken over from a holder that has ended.
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, stat } from 'node:fs/promises'
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

/** Throws RequestError if the folder cannot be created. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    throw new RequestError(`cannot create the folder ${path}: ${(error as Error).message}`, { cause: error })
  }
  if (!(await stat(path)).isDirectory()) throw new RequestError(`${path}: not a folder`)
}

export interface LockHolder {
  /** `process 4711`, with machine and time where they matter. */
  readonly who: string
  /** Whether that process may have ended, which cannot be checked from here: then a person may delete the lock. */
  readonly isUnsure: boolean
}

/** Another process has the lock. */
export class LockedError extends RequestError {}

interface Lock extends ProcessIdentity {
  /** Another for each time a lock is taken. */
  readonly nonce: string
  /** ISO time. */
  readonly since?: string
}

/** Nonces of the locks that this process has. */
const held = new Set<string>()
/** Others come between for moments only, so these are never used up. */
const ATTEMPTS = 200
const PAUSE_MS = 5
/** A lock without content is being written, on a file system without links; an older one was left by a crash. */
const WRITING_MS = 10_000

/** Takes the lock at this path. Throws LockedError, which says what to do, while another process has it. */
export async function takeLock(path: string): Promise<void> {
  const nonce = randomBytes(8).toString('hex')
  const mine: Lock = { ...thisProcess(), nonce, since: new Date().toISOString() }
  const text = JSON.stringify(mine)
  held.add(nonce)
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await createFileAtomic(path, text)) return
      const there = await readLock(path)
      // Network file systems may report that a link exists which they have just made.
      if (there?.nonce === nonce) return
      const holder = there && holderOf(there)
      if (holder) throw new LockedError(inUse(path, holder, ADVICE, 'this file'))
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

/** What to say where a lock is held. `file` names the lock: `this file`. */
export const inUse = (
  thing: string,
  { who, isUnsure }: LockHolder,
  advice: string,
  file: string,
  state = 'in use',
): string =>
  `${thing}: ${state} by ${who}; ${advice}${isUnsure ? `. If that process has ended, which cannot be checked from here, delete ${file}` : ''}`

/** Removes our lock; one that another process took, after a person deleted ours, stays. */
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
 * Replaces the lock of a process that has ended; false if another process is doing so. They take turns by a lock for
 * that, and only the lock that was judged is replaced.
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

/** Undefined if there is none. One that cannot be understood has no process. */
async function readLock(path: string): Promise<Lock | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const lock = parseJson(text) as Partial<Lock> | null
    const { pid, host, nonce } = lock ?? {}
    // 0.1 wrote no nonce.
    if (Number.isInteger(pid) && typeof host === 'string')
      return { ...lock, pid: pid!, host, nonce: String(nonce ?? pid) }
  } catch {
    // Told by its age.
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
  // Where nothing proves who a process is: our number was a namesake's.
  if (pid === here.pid && host === here.host) return undefined
  const where = host === here.host ? '' : ` on ${host}`
  const begun = since === undefined ? '' : ` since ${since.slice(0, 16).replace('T', ' ')} UTC`
  return { who: `process ${pid}${where}${begun}`, isUnsure: true }
}
