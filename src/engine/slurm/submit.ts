// Specifications and a placement -> jobs of SLURM. What is done is not submitted again: the same request resumes.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { APP } from '../../shared/app.ts'
import { RequestError } from '../../shared/errors.ts'
import { RunSpecSchema, type RunSpec } from '../../shared/run/run.ts'
import type { Phase, Placement, Submission, TaskView } from '../../shared/slurm/submission.ts'
import type { RunResult } from '../devices/callbacks.ts'
import { makeFolder, writeFileAtomic } from '../bytes/index.ts'
import { editLocked } from '../records/edit-lock.ts'
import { recordSweep } from '../runs/sweep/sweep.ts'
import { sbatch, scancel, squeue } from './commands.ts'
import { phasesOf } from './phases.ts'
import { arrayText, batchScript, everyTask } from './script.ts'
import {
  listSubmission,
  readReport,
  readSubmission,
  saveSubmission,
  scriptPath,
  submissionFolder,
  submissionsOf,
} from './submission-folder.ts'
import { taskViews } from './view.ts'

export interface SubmitRequest {
  /** Done one after another, all with results in the folder of the first. */
  readonly specs: readonly RunSpec[]
  readonly placement: Placement
}

/** How this program is started on the machines of SLURM. */
export interface Program {
  readonly command: readonly string[]
}

export interface Planned {
  readonly submission: Submission
  readonly folder: string
}

/** What would be submitted. The same request has the same id, so that submitting it again resumes it. */
export function planSubmission({ specs: asked, placement }: SubmitRequest): Planned {
  const specs = inOrder(asked)
  const { kind, out } = specs[0]!
  const { shards } = placement
  const digest = createHash('sha256')
    .update(JSON.stringify([specs, shards]))
    .digest('hex')
    .slice(0, 8)
  const id = `${kind}-${digest}`
  return {
    folder: submissionFolder(out, id),
    submission: {
      schema: 1,
      app: `${APP.name} ${APP.version}`,
      id,
      specs,
      placement,
      phases: phasesOf(specs, shards),
      submitted: new Date().toISOString(),
      jobs: [],
    },
  }
}

/** The same fields in the same order, so that the same work is recognized. */
const inOrder = (specs: readonly RunSpec[]): RunSpec[] => specs.map((spec) => RunSpecSchema.parse(spec))

/** The scripts of a plan, one a phase. */
export const scriptsOf = ({ submission, folder }: Planned, { command }: Program) =>
  submission.phases.map((phase) => ({
    phase,
    text: batchScript({ submission, phase, folder, command, environment: environmentOfTasks() }),
  }))

/** Settings of this process that decide results or places. */
const environmentOfTasks = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      /^DIGIT_[A-Z]+$/.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  )

/** What was submitted now. */
export interface Submitted extends Planned {
  /** Tasks that were submitted, by phase; empty if nothing was left. */
  readonly tasks: readonly {
    readonly phase: string
    readonly tasks: readonly number[]
    readonly job: number
  }[]
}

/** Writes the scripts, submits what is missing, and lists the submission in the workspace. */
export async function submit(
  request: SubmitRequest,
  program: Program,
  workspace: string,
): Promise<Submitted> {
  const planned = planSubmission(request)
  const { folder, submission } = planned
  for (const spec of request.specs) if (spec.kind === 'sweep') await recordSweep(spec)
  await makeFolder(folder)
  for (const { phase, text } of scriptsOf(planned, program))
    await writeFileAtomic(scriptPath(folder, phase.name), text)
  await listSubmission(workspace, submission.id, folder)
  return submitMissing(folder, async () => {
    const earlier = await readSubmission(folder)
    return { ...submission, ...(earlier ? { jobs: earlier.jobs, submitted: earlier.submitted } : {}) }
  })
}

/** Submits what is missing of an earlier submission. */
export const resume = (folder: string): Promise<Submitted> =>
  submitMissing(folder, () => submissionIn(folder))

/** Throws RequestError if there is none. */
export async function submissionIn(folder: string): Promise<Submission> {
  const found = await readSubmission(folder)
  if (!found) throw new RequestError(`${folder}: not a submission (submission.json is missing)`)
  return found
}

/** Where the same work was submitted before; undefined if it never was. */
export async function earlierPlacement(specs: readonly RunSpec[]): Promise<Placement | undefined> {
  const [first] = specs
  const wanted = JSON.stringify(inOrder(specs))
  for (const folder of first && 'out' in first ? await submissionsOf(first.out) : []) {
    const found = await readSubmission(folder)
    if (found && JSON.stringify(found.specs) === wanted) return found.placement
  }
  return undefined
}

/** What a submission that is done has made. */
export async function resultOf(folder: string): Promise<RunResult | undefined> {
  const { phases } = await submissionIn(folder)
  return (await readReport(folder, phases.at(-1)!.name, 0))?.result
}

/** Cancels what is queued or running. Finished work is kept. */
export async function cancel(folder: string): Promise<void> {
  const { placement, jobs } = await submissionIn(folder)
  const queue = await squeue(
    placement.host,
    jobs.map(({ job }) => job),
  )
  await scancel(placement.host, [...new Set(queue.map(({ job }) => String(job)))])
}

/** One process at a time: two would submit the same tasks. */
function submitMissing(folder: string, read: () => Promise<Submission>): Promise<Submitted> {
  return editLocked(join(folder, '.lock'), async () => {
    let submission = await read()
    const { host } = submission.placement
    const queue = await squeue(
      host,
      submission.jobs.map(({ job }) => job),
    )
    const views = await taskViews(folder, submission, queue)
    const submitted: { phase: string; tasks: readonly number[]; job: number }[] = []
    /** Jobs that the next phase waits for. */
    let before: readonly string[] = []
    for (const phase of submission.phases) {
      const own = views.filter((view) => view.phase === phase.name)
      // What waits for tasks that failed would never start.
      if (submitted.length > 0) await scancel(host, jobsOf(own))
      const alive = submitted.length > 0 ? [] : jobsOf(own)
      const missing = everyTask(phase).filter((task) => isMissing(own[task]!, submitted.length > 0))
      if (missing.length > 0) {
        const job = await sbatch(host, scriptPath(folder, phase.name), [
          `--array=${arrayText(missing, submission.placement.atOnce)}`,
          ...dependency(before),
        ])
        submitted.push({ phase: phase.name, tasks: missing, job })
        submission = { ...submission, jobs: [...submission.jobs, { phase: phase.name, job, tasks: missing }] }
        // Before the next one: a job that is not recorded could not be cancelled.
        await saveSubmission(folder, submission)
        before = [...alive, String(job)]
      } else before = alive
    }
    if (submitted.length === 0) await saveSubmission(folder, submission)
    return { submission, folder, tasks: submitted }
  })
}

const jobsOf = (views: readonly TaskView[]) => views.flatMap(({ job }) => job ?? [])

const isMissing = ({ state, job }: TaskView, isAfterOthers: boolean): boolean =>
  state !== 'done' && (isAfterOthers || job === undefined)

/** Jobs whose dependency can no longer be met leave the queue. */
const dependency = (jobs: readonly string[]): string[] =>
  jobs.length > 0 ? [`--dependency=afterok:${jobs.join(':')}`, '--kill-on-invalid-dep=yes'] : []

/** The phase of a submission. Throws RequestError if there is none of this name, or no such task. */
export function phaseIn({ id, phases }: Submission, name: string, task: number): Phase {
  const phase = phases.find((phase) => phase.name === name)
  if (!phase || task >= phase.tasks)
    throw new RequestError(
      `submission '${id}': no task ${name} ${task} (found ${phases.map(({ name, tasks }) => `${name} 0-${tasks - 1}`).join(', ')})`,
    )
  return phase
}
