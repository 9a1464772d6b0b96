// Actions for whole runs: resume, name, remove and restore.
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

/** Names a run, or without a name calls it by its settings again; the notice offers undo. */
export async function rename(run: WorkspaceRun, name: string): Promise<void> {
  const before = run.name ?? ''
  if (name.trim() === before) return
  const write = (name: string) =>
    attempt('Could not rename the run', async () => {
      await calls().renameRun(run.id, name)
      return true
    })
  if (await write(name.trim()))
    notify(name.trim() === '' ? 'The run is called by its settings again' : `Renamed to ${name.trim()}`, {
      text: 'Undo',
      press: () => void write(before),
    })
}

/** Removes runs from the library, as far as that succeeds; the notice offers undo. */
export async function remove(runs: readonly WorkspaceRun[]): Promise<void> {
  const gone: WorkspaceRun[] = []
  await attempt(runs.length === 1 ? 'Could not remove the run' : 'Could not remove all runs', async () => {
    for (const run of runs) {
      await calls().removeRun(run.id)
      gone.push(run)
    }
  })
  if (gone.length === 0) return
  if (gone.some(({ id }) => id === address.value.run)) go({ page: 'library', query: address.value.query })
  notify(`Removed ${gone.length === 1 ? runName(gone[0]!) : `${gone.length} runs`}`, {
    text: 'Undo',
    press: () =>
      void attempt('Could not restore the run', async () => {
        for (const { id } of gone) await calls().restoreRun(id)
      }),
  })
}
