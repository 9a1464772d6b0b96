// The workspace's runs of this session: claimed on disk, queued, and told to the page as they change.
import type { EngineEvents, ImageEntry } from '../../../shared/contract/api.ts'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import type { RunState, RunStatus } from '../../../shared/run/run.ts'
import { claimRun, releaseRun } from '../../records/run-owner.ts'
import { readMadeWith, type KeptSpec, type MadeWith } from '../../records/run-files.ts'
import { runFolder } from '../../records/workspace.ts'
import { askedFields, statusForPage } from './run-view.ts'

export interface LiveRun {
  /** ISO time it was first started. */
  readonly started: string
  readonly spec: KeptSpec
  /** Folders that a page is not told. */
  readonly folders: readonly string[]
  /** Images that are there already. */
  readonly finished: number
}

export interface LiveRuns {
  /** Claims the run and queues it. Throws RequestError where another process has it. */
  begin(id: string, run: LiveRun): Promise<void>
  /** As a page is told; undefined for a run that is not of this session. */
  shown(id: string): WorkspaceRun | undefined
  /** Whether the run waits or is worked on. */
  isOpen(id: string): boolean
  /** Takes what is asked of the run now in place of what was. */
  askedNow(id: string, spec: KeptSpec): void
  forget(id: string): void
  readonly stateChanged: (run: RunState) => void
  readonly imageFinished: (run: string, image: ImageEntry) => void
}

interface State extends Omit<LiveRun, 'spec' | 'finished'> {
  spec: KeptSpec
  finished: number
  status: RunStatus
  made?: MadeWith
}

export function liveRuns(
  workspace: string,
  enqueue: (id: string, spec: KeptSpec) => void,
  events: Pick<EngineEvents, 'runChanged' | 'imageFinished'>,
): LiveRuns {
  const runs = new Map<string, State>()

  const shown = (id: string): WorkspaceRun | undefined => {
    const run = runs.get(id)
    if (!run) return undefined
    const { started, finished, status, folders, spec, made } = run
    const told = { id, started, finished, status: statusForPage(status, finished, folders) }
    return Object.freeze({ ...told, ...askedFields(spec), ...made })
  }
  const tell = (id: string) => {
    const run = shown(id)
    if (run) events.runChanged(run)
  }
  /** Files and device are in run.json as soon as the first batch begins. */
  const learn = async (id: string, run: State) => {
    const made = await readMadeWith(runFolder(workspace, id)).catch(() => undefined)
    if (!made || run.made) return
    run.made = made
    tell(id)
  }
  return {
    shown,
    isOpen: (id) => ['queued', 'running'].includes(runs.get(id)?.status.state ?? ''),
    async begin(id, run) {
      await claimRun(runFolder(workspace, id), id)
      runs.set(id, { ...run, status: { state: 'queued' } })
      enqueue(id, run.spec)
    },
    askedNow(id, spec) {
      const run = runs.get(id)
      if (run) run.spec = spec
    },
    forget: (id) => void runs.delete(id),
    stateChanged({ id, status }) {
      const run = runs.get(id)
      if (!run) return
      run.status = status
      if (status.state !== 'queued' && status.state !== 'running') void releaseRun(runFolder(workspace, id))
      if (status.state !== 'queued' && !run.made) void learn(id, run)
      tell(id)
    },
    imageFinished(id, image) {
      const run = runs.get(id)
      if (!run) return
      run.finished++
      events.imageFinished(id, image)
    },
  }
}
