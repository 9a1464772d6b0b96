// Runs engine work that is not a run of the workspace: progress on stderr, Ctrl-C stops it at the next step.
import { CancelledError } from './outcome.ts'
import { progressLine } from './progress.ts'

export interface Callbacks {
  progress(step: number, of: number, note: string): void
  readonly signal: AbortSignal
}

/** Rejects with CancelledError if it was stopped. */
export async function stoppable<T>(work: (callbacks: Callbacks) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const line = progressLine(process.stderr)
  const stop = (): void => {
    line.say('stopping after the current step; press Ctrl-C again to stop immediately')
    controller.abort()
  }
  process.once('SIGINT', stop)
  try {
    return await work({
      signal: controller.signal,
      progress: (step, of, note) => line.update(step, of, note),
    })
  } catch (error) {
    throw controller.signal.aborted ? new CancelledError('stopped') : error
  } finally {
    process.off('SIGINT', stop)
    line.stop()
  }
}
