// A real SLURM, where one runs. Without it the tests that need it are skipped by name.
import { execFileSync } from 'node:child_process'

/** Whether jobs run here: a node that is idle may still refuse them. */
export function hasSlurm(): boolean {
  try {
    const nodes = execFileSync('sinfo', ['--noheader', '--format=%T'], { encoding: 'utf8', timeout: 20_000 })
    if (!/^(idle|mixed|allocated)/m.test(nodes)) return false
    execFileSync('srun', ['--time=1', 'true'], { timeout: 60_000 })
    return true
  } catch {
    return false
  }
}

export const slurm = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8' })
