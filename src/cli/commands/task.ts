// `digit task`: one task of a submission, as the script of its phase starts it.
import { Command } from 'commander'
import { requeueThis, runTask } from '../../engine/slurm/index.ts'
import { whole } from '../options.ts'
import { CancelledError } from '../outcome.ts'
import { progressLine } from '../progress.ts'
import { tell } from '../result.ts'

export function taskCommand(): Command {
  return new Command('task')
    .description('Run one task of a submission. SLURM does this; by hand it repeats a task that failed.')
    .argument('<folder>', 'folder of the submission')
    .argument('<phase>', 'name of the phase')
    .argument('<number>', 'number of the task', whole(0))
    .addHelpText('after', EXAMPLES)
    .action(task)
}

const EXAMPLES = `
Examples:
  digit task runs/demo-seed0-ar-1f0c9a/slurm/sample-1f0c9a22 sample 3`

async function task(folder: string, phase: string, number: number): Promise<void> {
  const controller = new AbortController()
  const line = progressLine(process.stderr)
  let isOutOfTime = false
  const stop = () => controller.abort()
  // Shortly before the time limit; TERM comes from scancel and from a node that is being vacated.
  const outOfTime = () => {
    isOutOfTime = true
    stop()
  }
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGUSR2', outOfTime)
  try {
    await runTask(folder, phase, number, { signal: controller.signal, progress: line.update })
    tell(`${phase} ${number}: done`, { phase, task: number })
  } catch (error) {
    if (!controller.signal.aborted) throw error
    if (isOutOfTime) {
      line.say('the time limit is near: returning to the queue, to resume')
      await requeueThis()
    }
    throw new CancelledError('stopped at a safe point; finished work is kept')
  } finally {
    line.stop()
  }
}
