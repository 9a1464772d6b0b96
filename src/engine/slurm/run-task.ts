// Runs one task of a submission and reports it: PHASE-TASK.json is what people and the page see of it.
import { hostname } from 'node:os'
import type { TaskReport } from '../../shared/slurm/submission.ts'
import type { RunCallbacks, RunResult } from '../devices/callbacks.ts'
import { saveReport } from './submission-folder.ts'
import { phaseIn, submissionIn } from './submit.ts'
import { performTask } from './tasks.ts'

/** A shared disk serves a report a task this often. */
const REPORT_MS = 5000

/**
 * Resolves when the task is done. Rejects with the signal's reason when it was stopped at a safe point, else with what
 * failed; both are reported before.
 */
export async function runTask(
  folder: string,
  name: string,
  task: number,
  { progress, ...others }: Pick<RunCallbacks, 'signal' | 'progress' | 'networks'>,
): Promise<void> {
  const { signal } = others
  const submission = await submissionIn(folder)
  const phase = phaseIn(submission, name, task)
  const started = new Date().toISOString()
  let now: Pick<TaskReport, 'step' | 'of' | 'note'> = { step: 0, of: 1, note: 'starting' }
  let saved = -Infinity
  /** Reports are written one after another, so that the last one stays. */
  let writing: Promise<void> = Promise.resolve()
  const report = (
    state: TaskReport['state'],
    more: Pick<TaskReport, 'problem' | 'result'> = {},
  ): Promise<void> => {
    saved = performance.now()
    const whole: TaskReport = {
      state,
      node: hostname(),
      ...now,
      started,
      updated: new Date().toISOString(),
      ...more,
    }
    return (writing = writing.then(() => saveReport(folder, name, task, whole)))
  }
  await report('running')
  let result: RunResult | void
  try {
    result = await performTask(submission, phase, task, folder, {
      ...others,
      progress(step, of, note) {
        now = { step, of, note }
        progress(step, of, note)
        // A full disk must not stop the work because of this file.
        if (performance.now() - saved > REPORT_MS)
          report('running').catch(() => (writing = Promise.resolve()))
      },
    })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    await (signal.aborted ? report('stopped') : report('failed', { problem: message }))
    throw error
  }
  now = { ...now, step: now.of, note: 'done' }
  await report('done', result ? { result } : {})
}
