// A run specification -> the run done, its progress on stderr, its result on stdout.
import { createEngine } from '../engine/api/index.ts'
import type { RunSpec, RunState } from '../shared/run.ts'
import { CancelledError, RunError } from './outcome.ts'
import { progressLine } from './progress.ts'

/** Starts the run and waits for its end. Throws RunError or CancelledError for any end but the good one. */
export async function follow(spec: RunSpec): Promise<void> {
  const { api, on } = createEngine()
  const line = progressLine(process.stderr)
  const ended = new Promise<RunState['status']>((resolve) => {
    on('runChanged', ({ status }) => {
      if (status.state === 'running') line.update(status.step, status.of, status.note)
      else if (status.state !== 'queued') resolve(status)
    })
  })
  const id = await api.startRun(spec)
  // Each signal is caught once: a second Ctrl-C meets the system's default and ends the process at once,
  // even while the thread is inside onnxruntime.
  const cancel = () => {
    line.say('stopping at the next step; Ctrl-C again stops at once')
    void api.cancelRun(id)
  }
  process.once('SIGINT', cancel).once('SIGTERM', cancel)
  const status = await ended
  process.off('SIGINT', cancel).off('SIGTERM', cancel)
  line.stop()
  if (status.state === 'failed') throw new RunError(status.error)
  if (status.state === 'cancelled')
    throw new CancelledError(`stopped; what is finished is kept in ${spec.out}, the same command resumes`)
  if (status.state === 'done') console.log(status.summary)
}
