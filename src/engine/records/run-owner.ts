// Which process owns a run of the workspace, from the moment it is queued; the folder's own lock is taken
// when work starts.
import { join } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { lockHolder, releaseLock, takeLock } from './folder-lock.ts'

const claim = (folder: string) => join(folder, '.claim')

/** Throws RequestError if a live process owns the run. */
export async function claimRun(folder: string, id: string): Promise<void> {
  const holder = await runHolder(folder)
  if (holder)
    throw new RequestError(
      holder.state === 'running'
        ? `run '${id}': in use by ${holder.who}; wait until it has finished`
        : `run '${id}': queued by ${holder.who}; wait until it has finished`,
    )
  await takeLock(claim(folder))
}

export const releaseRun = (folder: string): Promise<void> => releaseLock(claim(folder))

/** Who has the run, and whether it is worked on yet; undefined when nobody has. */
export async function runHolder(
  folder: string,
): Promise<{ readonly who: string; readonly state: 'queued' | 'running' } | undefined> {
  const worker = await lockHolder(join(folder, '.lock'))
  if (worker) return { who: worker, state: 'running' }
  const claimed = await lockHolder(claim(folder))
  return claimed ? { who: claimed, state: 'queued' } : undefined
}
