// A submission, the queue of SLURM and the reports of the tasks -> the state of every task.
import {
  taskCounts,
  type Phase,
  type Submission,
  type SubmissionView,
  type TaskReport,
  type TaskView,
} from '../../shared/slurm/submission.ts'
import { RequestError } from '../../shared/errors.ts'
import { squeue, type QueuedTask } from './commands.ts'
import { everyTask } from './script.ts'
import { readLog, readReport } from './submission-folder.ts'

/** Reads the queue and every report. Without an answer from SLURM the states are those of the reports. */
export async function viewSubmission(folder: string, submission: Submission): Promise<SubmissionView> {
  const { id, specs, placement, submitted } = submission
  let problem: string | undefined
  const queue = await squeue(
    placement.host,
    submission.jobs.map(({ job }) => job),
  ).catch((error: unknown) => {
    if (!(error instanceof RequestError)) throw error
    problem = error.message
    return undefined
  })
  const tasks = await taskViews(folder, submission, queue)
  const [first] = specs
  return {
    id,
    kind: first!.kind,
    out: first!.out,
    folder,
    submitted,
    state: stateOf(tasks),
    tasks,
    ...(problem === undefined ? {} : { problem }),
  }
}

/** @param queue undefined if it could not be read */
export async function taskViews(
  folder: string,
  submission: Submission,
  queue: readonly QueuedTask[] | undefined,
): Promise<TaskView[]> {
  const views: TaskView[] = []
  let isReady = true
  for (const phase of submission.phases) {
    const ofPhase: TaskView[] = []
    for (const task of everyTask(phase))
      ofPhase.push(await taskView(folder, submission, phase, task, queue, isReady))
    views.push(...ofPhase)
    isReady = isReady && ofPhase.every(({ state }) => state === 'done')
  }
  return views
}

async function taskView(
  folder: string,
  { jobs }: Submission,
  { name }: Phase,
  task: number,
  queue: readonly QueuedTask[] | undefined,
  isReady: boolean,
): Promise<TaskView> {
  // Nothing is reported of a phase that waits for another.
  const report = isReady ? await readReport(folder, name, task) : undefined
  const view = { phase: name, task, ...progressOf(report) }
  if (report?.state === 'done') return { ...view, state: 'done' }
  const own = jobs.filter(({ phase, tasks }) => phase === name && tasks.includes(task))
  const queued = queue?.find((one) => one.task === task && own.some(({ job }) => job === one.job))
  if (queued) {
    const job = `${queued.job}_${task}`
    if (queued.isRunning) return { ...view, job, node: queued.node, state: 'running' }
    const { node: _node, ...before } = view
    return isReady
      ? { ...before, job, why: queued.reason, state: 'queued' }
      : { phase: name, task, job, state: 'waiting' }
  }
  if (!isReady) return { ...view, state: 'waiting' }
  if (report?.state === 'failed') return { ...view, why: report.problem ?? 'failed', state: 'failed' }
  if (report?.state === 'running') {
    if (!queue) return { ...view, state: 'running' }
    return { ...view, state: 'failed', why: await lastWords(folder, name, task) }
  }
  const log = report ? [] : await readLog(folder, name, task)
  // A task that wrote something but never reported did not get as far as this program.
  return log.length > 0 && !isCancelled(log.at(-1)!)
    ? { ...view, state: 'failed', why: log.at(-1)! }
    : { ...view, state: 'stopped' }
}

const progressOf = (report: TaskReport | undefined) =>
  report && { node: report.node, step: report.step, of: report.of, note: report.note }

/** Of a process that ended without a report: what SLURM wrote last. */
async function lastWords(folder: string, phase: string, task: number): Promise<string> {
  const last = (await readLog(folder, phase, task)).at(-1)
  return `ended without a result${last === undefined ? '' : `; last line of its log: ${last}`}`
}

const isCancelled = (line: string) => /\bCANCELLED\b/.test(line)

function stateOf(tasks: readonly TaskView[]): SubmissionView['state'] {
  const { failed, running, queued, stopped, waiting } = taskCounts(tasks)
  if (failed > 0) return 'failed'
  if (running > 0) return 'running'
  if (queued > 0) return 'queued'
  return stopped + waiting > 0 ? 'stopped' : 'done'
}
