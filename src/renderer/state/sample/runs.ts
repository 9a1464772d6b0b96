// Runs of the workspace: raw events -> newest first -> queue, progress and time left.
import { computed, shallowRef } from 'vue'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import { cellRun } from '../curves/sweep-cells.ts'

const byId = shallowRef<ReadonlyMap<string, WorkspaceRun>>(new Map())

export const runs = computed(() =>
  [...byId.value.values()].sort((a, b) => b.started.localeCompare(a.started) || b.id.localeCompare(a.id)),
)

const here = computed(() => runs.value.filter(({ elsewhere }) => !elsewhere))
/** The run in progress, if any. */
export const activeRun = computed(() => here.value.find(({ status }) => status.state === 'running'))
export const queuedRuns = computed(() => here.value.filter(({ status }) => status.state === 'queued'))

/** Images per second and seconds left of the current run. */
export const pace = shallowRef<{ readonly perSecond: number; readonly secondsLeft: number }>()

interface Mark {
  readonly run: string
  readonly time: number
  readonly step: number
  readonly of: number
}
let begun: Mark | undefined

/** A run of the workspace, or a cell of a sweep. */
export function runOf(id: string | undefined): WorkspaceRun | undefined {
  return id === undefined ? undefined : (byId.value.get(id) ?? cellRun(id))
}

/** Whether a run may still change. */
export function isOpen(run: WorkspaceRun): boolean {
  return run.status.state === 'queued' || run.status.state === 'running'
}

/** Replaces everything with a snapshot. */
export function putRuns(all: readonly WorkspaceRun[]): void {
  byId.value = new Map(all.map((run) => [run.id, Object.freeze(run)]))
  measure(activeRun.value)
}

/** Updates one run. */
export function putRun(run: WorkspaceRun): void {
  byId.value = new Map(byId.value).set(run.id, Object.freeze(run))
  measure(activeRun.value)
}

/** Drops a run that was removed from the library. */
export function dropRun(id: string): void {
  const left = new Map(byId.value)
  left.delete(id)
  byId.value = left
}

/** Rate over the time that the images of this session have been observed; needs two observations. */
function measure(run: WorkspaceRun | undefined): void {
  if (run?.status.state !== 'running') {
    begun = pace.value = undefined
    return
  }
  const { step, of } = run.status
  const now = performance.now() / 1000
  // Before the images there is other work, and an earlier session's images do not count for this rate.
  if (begun?.run !== run.id || begun.of !== of) {
    begun = { run: run.id, time: now, step, of }
    pace.value = undefined
    return
  }
  const perSecond = (step - begun.step) / (now - begun.time)
  if (perSecond > 0 && now - begun.time > 0.5)
    pace.value = { perSecond, secondsLeft: (of - step) / perSecond }
}
