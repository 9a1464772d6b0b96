// Executes a run specification: progress on stderr, summary on stdout.
import { createEngine } from '../engine/api/index.ts'
import type { RunSpec, RunState } from '../shared/run/run.ts'
import { CancelledError, RunError } from './outcome.ts'
import { progressLine } from './progress.ts'
import { tell } from './result.ts'

type Ended = Exclude<RunState['status'], { state: 'queued' | 'running' }>

/** What a command does with its specification: `follow`, or something else that has no result. */
export type Start = (spec: RunSpec) => Promise<Pick<Extract<Ended, { state: 'done' }>, 'measured'> | void>

/** Starts the run and waits until it is done. Throws RunError or CancelledError unless it succeeds. */
export async function follow(spec: RunSpec): Promise<Extract<Ended, { state: 'done' }>> {
  const { api, on } = createEngine()
  const line = progressLine(process.stderr)
  const ended = new Promise<Ended>((resolve) => {
    on('stateChanged', ({ status }) => {
      if (status.state === 'running') line.update(status.step, status.of, status.note)
      else if (status.state !== 'queued') resolve(status)
    })
  })
  const id = await api.startRun(spec)
  const letGo = onStopSignal(() => {
    line.say('stopping after the current step; press Ctrl-C again to stop immediately')
    void api.cancelRun(id)
  })
  const status = await ended
  letGo()
  line.stop()
  if (status.state === 'failed') throw new RunError(status.error)
  if (status.state === 'cancelled')
    throw new CancelledError(
      `stopped; finished work is kept in ${spec.out}; run the same command again to resume`,
    )
  const { finished, summary } = status
  tell(summary, { kind: spec.kind, out: spec.out, finished, summary })
  return status
}

/** npm forwards a Ctrl-C that the terminal has already sent: two signals within this time count as one. */
const SAME_SIGNAL_MS = 1000

/**
 * Calls `stop` on the first signal. Shortly afterwards the system default is restored, so that the next
 * signal ends the process immediately, even while the thread is inside onnxruntime. Returns a function that
 * removes the handlers.
 */
function onStopSignal(stop: () => void): () => void {
  let stopping = false
  const letGo = () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  const onSignal = () => {
    if (stopping) return
    stopping = true
    setTimeout(letGo, SAME_SIGNAL_MS).unref()
    stop()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return letGo
}
