// The part of the contract for runs of the workspace: of this session, of earlier ones, and of other processes.
import type { EngineApi, ImageName } from '../../../shared/contract/api.ts'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import { runHolder } from '../../records/run-owner.ts'
import { findRuns, runFolder, type FoundRun } from '../../records/workspace.ts'
import type { EngineContext } from '../context.ts'
import { watchElsewhere } from './elsewhere.ts'
import { favouriteCalls } from './favourites.ts'
import { imageCalls } from './images.ts'
import { keepCalls, type KeepCalls } from './keep-runs.ts'
import { liveRuns } from './live-runs.ts'
import { runFromDisk } from './run-view.ts'
import { startCalls, type StartCalls } from './start-runs.ts'

export interface WorkspaceOptions extends EngineContext {
  /** Cancels a run outside the workspace. */
  readonly cancelOther: (id: string) => Promise<void>
}

type Calls = StartCalls & KeepCalls & ReturnType<typeof imageCalls> & Pick<EngineApi, 'setFavourite'>

export interface Workspace {
  readonly calls: Calls
  readonly runs: () => Promise<readonly WorkspaceRun[]>
  readonly favourites: () => Promise<readonly ImageName[]>
}

export function openWorkspace({ cancelOther, ...context }: WorkspaceOptions): Workspace {
  const { workspace, events } = context
  const live = liveRuns(context)
  const favourites = favouriteCalls(workspace, events)
  const elsewhere = watchElsewhere(workspace, events)

  const show = async (run: FoundRun): Promise<WorkspaceRun> => {
    const here = live.shown(run.id)
    if (here && live.isOpen(run.id)) return here
    const holder = await runHolder(runFolder(workspace, run.id))
    if (!holder) return here ?? runFromDisk(run, holder)
    // What this process knows of a run ends when another one resumes it.
    live.forget(run.id)
    elsewhere.follow(run)
    return runFromDisk(run, holder)
  }
  const keep = keepCalls({ ...context, live, show, favourites: favourites.all })
  return {
    favourites: favourites.all,
    calls: {
      ...imageCalls(workspace),
      ...favourites.calls,
      ...startCalls({ ...context, live, show, cancelOther, drafted: keep.drafted }),
      ...keep.calls,
    },
    async runs() {
      elsewhere.search(live.isOpen, live.forget)
      const shown: WorkspaceRun[] = []
      for (const run of await findRuns(workspace)) shown.push(await show(run))
      return shown
    },
  }
}
