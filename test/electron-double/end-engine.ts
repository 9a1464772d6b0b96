// Ends the shell's engine as a crash would: a plain Node of its own on Linux, elsewhere the double's thread.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { seen } from './electron.ts'

export async function endEngine(): Promise<void> {
  const child = nodeEngines().at(-1)
  if (child) {
    process.kill(child.pid!, 'SIGKILL')
    await once(child, 'exit')
  } else await seen.engines.at(-1)!.worker.terminate()
}

/** Engines under a plain Node that this process has started and that are at work. */
export function nodeEngines(): ChildProcess[] {
  const { _getActiveHandles } = process as unknown as { _getActiveHandles(): Partial<ChildProcess>[] }
  const isEngine = ({ spawnargs }: Partial<ChildProcess>) =>
    spawnargs?.some((arg) => arg.endsWith('engine.js'))
  return _getActiveHandles.call(process).filter(isEngine) as ChildProcess[]
}
