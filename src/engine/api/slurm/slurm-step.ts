// Work that SLURM does as a step of a job: submitted, followed until it ends, cancelled with the job. A job that is left
// to a later session continues in SLURM, and the same request follows it again.
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { RequestError } from '../../../shared/errors.ts'
import type { RunSpec } from '../../../shared/run/run.ts'
import {
  taskCounts,
  type PagePlacement,
  type Placement,
  type SubmissionView,
  type Where,
} from '../../../shared/slurm/submission.ts'
import type { RunResult } from '../../devices/callbacks.ts'
import { cellFolder, finishedImages } from '../../records/workspace.ts'
import { cellsOf } from '../../runs/sweep/sweep.ts'
import {
  cancel,
  earlierPlacement,
  resultOf,
  slurmHost,
  submissionIn,
  submit,
  templateOf,
  viewSubmission,
  type Program,
} from '../../slurm/index.ts'
import { LEFT, atOnce, type Line, type Step } from '../jobs.ts'
import type { PartCallbacks, Queue } from '../queue.ts'

/** Often enough for a page, seldom enough for the controller of a cluster. */
const LOOK_MS = 3000

export interface PlacedWork {
  readonly steps: readonly Step[]
  readonly line?: Line
}

export interface Places {
  /**
   * The steps of these specifications, one after another: here, or in SLURM with a placement, or where they were
   * submitted before.
   */
  place(specs: readonly RunSpec[], where: Where | undefined, heard?: PartCallbacks): Promise<PlacedWork>
}

export function placesOf(
  workspace: string,
  queue: Pick<Queue, 'recipe'>,
  program: Program | undefined,
): Places {
  return {
    async place(specs, where, heard = {}) {
      const placement = where
        ? await placementOf(where, workspace)
        : where === undefined && (await earlierPlacement(specs))
      if (!placement) return { steps: specs.map((spec) => queue.recipe(spec, heard)) }
      if (!program) throw new RequestError('SLURM: this host does not know how to start the program')
      return { steps: [slurmStep(specs, placement, program, workspace, heard)], line: atOnce }
    },
  }
}

/** With what this machine adds: the template of the workspace, and the machine that is used by ssh. */
async function placementOf(where: PagePlacement, workspace: string): Promise<Placement> {
  const [template, host] = [await templateOf(workspace), slurmHost()]
  return {
    ...where,
    ...(template === undefined ? {} : { template }),
    ...(host === undefined ? {} : { host }),
  }
}

function slurmStep(
  specs: readonly RunSpec[],
  placement: Placement,
  program: Program,
  workspace: string,
  heard: PartCallbacks,
): Step {
  return async ({ signal, progress }) => {
    const { folder } = await submit({ specs, placement }, program, workspace)
    const look = await imagesOf(specs[0]!, heard)
    try {
      for (;;) {
        const view = await viewSubmission(folder, await submissionIn(folder))
        await look()
        const ended = endOf(view)
        if (ended === 'done') return (await resultOf(folder)) ?? noResult(view)
        if (ended) throw new RequestError(ended)
        const { step, of } = progressOf(view, specs[0]!)
        progress(step, of, noteOf(view))
        await wait(LOOK_MS, undefined, { signal })
      }
    } catch (error) {
      // A failed task leaves others in the queue that would wait for nothing.
      if (signal.reason !== LEFT) await cancel(folder).catch(() => {})
      throw error
    }
  }
}

const noResult = ({ tasks }: SubmissionView): RunResult => ({
  finished: tasks.length,
  summary: `${tasks.length} tasks of SLURM done`,
})

/** Why it has ended; undefined while tasks run or wait. */
function endOf({ tasks, state }: SubmissionView): string | undefined {
  if (state === 'done') return 'done'
  const { running, queued } = taskCounts(tasks)
  if (running + queued > 0) return undefined
  const failed = tasks.find(({ state }) => state === 'failed')
  if (failed) return `${failed.phase} ${failed.task}: ${failed.why}`
  return state === 'stopped' ? 'cancelled in SLURM; resume to submit what is missing' : undefined
}

/** In images where these are counted, else in tasks. */
function progressOf({ tasks }: SubmissionView, spec: RunSpec): { step: number; of: number } {
  const shares = tasks.map(({ state, step = 0, of = 1 }) => (state === 'done' ? 1 : of > 0 ? step / of : 0))
  const share = shares.reduce((sum, share) => sum + share, 0) / tasks.length
  const of = spec.kind === 'sample' ? spec.count : tasks.length
  return { step: share * of, of }
}

function noteOf({ tasks, problem }: SubmissionView): string {
  if (problem !== undefined) return problem
  const { running, queued, failed } = taskCounts(tasks)
  const now = tasks.find(({ state }) => state === 'running' || state === 'queued')
  const words = [
    `${running} running`,
    ...(queued > 0 ? [`${queued} queued`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ]
  return `SLURM: ${now?.phase ?? 'tasks'}, ${words.join(', ')}`
}

/** Reports images that have appeared since the last look. */
async function imagesOf(spec: RunSpec, { finished }: PartCallbacks): Promise<() => Promise<void>> {
  const folders =
    spec.kind === 'sweep'
      ? (await cellsOf(spec)).map(({ name }) => ({ path: cellFolder(spec.out, name), part: name }))
      : spec.kind === 'sample' || spec.kind === 'reconstruct'
        ? [{ path: spec.out, part: undefined }]
        : []
  const classes = spec.kind === 'sample' ? spec.classes : []
  const known = new Set<string>()
  const look = async (report: boolean) => {
    for (const { path, part } of folders)
      for (const image of await finishedImages(join(path, 'images')).catch(() => [])) {
        const key = `${path} ${image}`
        if (known.has(key)) continue
        known.add(key)
        const label = classes.length > 0 ? { class: classes[image % classes.length]! } : {}
        if (report) finished?.({ image, ...label }, part)
      }
  }
  // Those of an earlier session are counted already.
  await look(false)
  return () => look(true)
}
