// A real SLURM, where one runs. Without it the tests that need it are skipped by name.
import { execFileSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { submissionIn, viewSubmission } from '../src/engine/slurm/index.ts'
import type { SubmissionView, TaskView } from '../src/shared/slurm/submission.ts'

export const slurm = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] })

/** Whether jobs run here. A node that is idle may still refuse them; one that is busy runs those of other tests. */
export const HAS_SLURM = (() => {
  try {
    const nodes = slurm('sinfo', '--noheader', '--format=%T')
    if (/^(mixed|allocated)/m.test(nodes)) return true
    if (!/^idle/m.test(nodes)) return false
    slurm('srun', '--time=1', 'true')
    return true
  } catch {
    return false
  }
})()

export const viewOf = async (folder: string): Promise<SubmissionView> =>
  viewSubmission(folder, await submissionIn(folder))

export const taskOf = ({ tasks }: SubmissionView, phase: string, task: number): TaskView =>
  tasks.find((one) => one.phase === phase && one.task === task)!

/** Nothing of it is in the queue. A task that waits for its dependency is. */
export const isOver = ({ tasks, problem }: SubmissionView): boolean =>
  problem === undefined &&
  tasks.every(({ state, job }) => state !== 'running' && state !== 'queued' && job === undefined)

/** A submission in which nothing changes for so long is stuck: a task of the tests takes seconds. */
const STUCK_MS = 120_000

/** Reads a submission until this is so. Throws with the states of its tasks once it is over or stuck. */
export async function until(
  folder: string,
  isSo: (view: SubmissionView) => boolean,
): Promise<SubmissionView> {
  let [last, since] = ['', Date.now()]
  for (;;) {
    const view = await viewOf(folder)
    if (isSo(view)) return view
    const text = `${JSON.stringify(view.tasks, null, 1)} ${view.problem ?? ''}`
    if (isOver(view)) throw new Error(`nothing is in the queue any more: ${text}`)
    if (text !== last) [last, since] = [text, Date.now()]
    if (Date.now() - since > STUCK_MS) throw new Error(`no change for ${STUCK_MS / 1000} s: ${text}`)
    await wait(200)
  }
}
