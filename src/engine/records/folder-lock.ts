// A folder that is made when missing and worked in by one process at a time.
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { RequestError } from '../../shared/errors.ts'
import { explainWrite } from '../bytes/index.ts'

/** Throws RequestError if the folder cannot be created. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    throw new RequestError(`cannot create the folder ${path}: ${(error as Error).message}`, { cause: error })
  }
  if (!(await stat(path)).isDirectory()) throw new RequestError(`${path}: not a folder`)
}

/** Locks of this process: a lock with our process number that is not among them was left by a namesake. */
const held = new Set<string>()

/** A lock names the process that holds it, so that one left by a killed process is taken over. */
export async function takeLock(path: string): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    if (await writeLock(path)) return
    const holder = await lockHolder(path)
    if (holder)
      throw new RequestError(`${path}: in use by ${holder}; wait for it to finish or choose another --out`)
    await rm(path, { force: true })
  }
  throw new RequestError(`${path}: another process took this folder at the same time`)
}

/** False if there is one already. */
async function writeLock(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx')
    try {
      await handle.writeFile(JSON.stringify({ pid: process.pid, host: hostname() }))
    } catch (error) {
      await rm(path, { force: true })
      throw error
    } finally {
      await handle.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw explainWrite(error, path)
  }
  held.add(path)
  return true
}

export async function releaseLock(path: string): Promise<void> {
  held.delete(path)
  await rm(path, { force: true })
}

/**
 * The holder of a lock, or undefined if that process has ended (or the lock was truncated while being
 * written).
 */
export async function lockHolder(path: string): Promise<string | undefined> {
  try {
    const { pid, host } = JSON.parse(await readFile(path, 'utf8')) as { pid: number; host: string }
    if (host !== hostname()) return `process ${pid} on ${host}`
    if (pid === process.pid) return held.has(path) ? 'this program' : undefined
    process.kill(pid, 0)
    return `process ${pid}`
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'a process of another user' : undefined
  }
}
