// Which process owns a run of the workspace, from the moment it is queued; the folder's own lock is taken
// when work starts.
import { join } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { inUse, LockedError, lockHolder, releaseLock, takeLock, type LockHolder } from './folder-lock.ts'

const claim = (folder: string) => join(folder, '.claim')

export interface RunHolder extends LockHolder {
  readonly state: 'queued' | 'running'
  /** The lock: `.lock` of the run's folder. */
  readonly file: string
}

/** Throws RequestError if a live process owns the run. */
export async function claimRun(folder: string, id: string): Promise<void> {
  const refuse = (holder: RunHolder) => {
    throw new RequestError(runInUse(id, holder, 'wait until it has finished'))
  }
  const holder = await runHolder(folder)
  if (holder) refuse(holder)
  try {
    await takeLock(claim(folder))
  } catch (error) {
    const other = error instanceof LockedError ? await runHolder(folder) : undefined
    if (other) refuse(other)
    throw error
  }
}

export const releaseRun = (folder: string): Promise<void> => releaseLock(claim(folder))

/** Error message for a run of another process. */
export const runInUse = (id: string, holder: RunHolder, advice: string): string =>
  inUse(
    `run '${id}'`,
    holder,
    advice,
    `${holder.file} in the folder of the run`,
    holder.state === 'queued' ? 'queued' : 'in use',
  )

/** The owner of the run, and whether it is running yet; undefined if it has no owner. */
export async function runHolder(folder: string): Promise<RunHolder | undefined> {
  const worker = await lockHolder(join(folder, '.lock'))
  if (worker) return { ...worker, state: 'running', file: '.lock' }
  const claimed = await lockHolder(claim(folder))
  return claimed && { ...claimed, state: 'queued', file: '.claim' }
}
