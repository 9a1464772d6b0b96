// Actions for whole runs: resume, keep, remove and restore.
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import { address, go } from '../app/address.ts'
import { calls } from '../app/calls.ts'
import { notify } from '../app/notices.ts'
import { attempt } from '../app/problems.ts'
import { isOpen } from '../sample/runs.ts'
import { runName } from '../images/run-names.ts'

export const canResume = ({ status, elsewhere }: WorkspaceRun): boolean =>
  !elsewhere && (status.state === 'cancelled' || status.state === 'failed')

export const canRemove = (run: WorkspaceRun): boolean => !isOpen(run)

export async function resume(run: WorkspaceRun): Promise<void> {
  await attempt('Could not resume the run', () => calls().resumeRun(run.id))
}

/** Removes a run from the library; the notice offers undo. */
export async function remove(run: WorkspaceRun): Promise<void> {
  const done = await attempt('Could not remove the run', async () => {
    await calls().removeRun(run.id)
    return true
  })
  if (!done) return
  if (address.value.run === run.id) go({ page: 'library', query: address.value.query })
  notify(`Removed ${runName(run)}`, {
    text: 'Undo',
    press: () => void attempt('Could not restore the run', () => calls().restoreRun(run.id)),
  })
}
