// Runs edits of a file one after another: those of this process in order, while a lock excludes other processes.
import { setTimeout as wait } from 'node:timers/promises'
import { LockedError, releaseLock, takeLock } from './folder-lock.ts'

/**
 * Time limit for waiting: an edit takes milliseconds, so a process that holds the lock for longer is stopped or hangs.
 */
const PATIENCE_MS = 10_000
const PAUSES_MS = [5, 40] as const

/** The last edit of this process for each lock. */
const last = new Map<string, Promise<unknown>>()

/**
 * Runs `edit` while it holds the lock, so that the data it reads stays current until it has written.
 * @param lock path of the lock file, in an existing folder
 * @throws LockedError if another process has the lock for more than ten seconds
 */
export async function editLocked<T>(lock: string, edit: () => Promise<T>): Promise<T> {
  const mine = (last.get(lock) ?? Promise.resolve()).then(async () => {
    await takePatiently(lock)
    try {
      return await edit()
    } finally {
      await releaseLock(lock)
    }
  })
  const settled = mine.catch(() => {})
  last.set(lock, settled)
  try {
    return await mine
  } finally {
    if (last.get(lock) === settled) last.delete(lock)
  }
}

async function takePatiently(lock: string): Promise<void> {
  const [least, most] = PAUSES_MS
  for (const until = Date.now() + PATIENCE_MS; ; await wait(least + (most - least) * Math.random()))
    try {
      return await takeLock(lock)
    } catch (error) {
      if (!(error instanceof LockedError) || Date.now() > until) throw error
    }
}
