// The commands of SLURM, on this machine or on another by ssh: sbatch(1), squeue(1), scancel(1), scontrol(1).
import { execFile } from 'node:child_process'
import { userInfo } from 'node:os'
import { RequestError } from '../../shared/errors.ts'
import { quoted } from './script.ts'

/** A task in the queue. */
export interface QueuedTask {
  readonly job: number
  readonly task: number
  readonly isRunning: boolean
  readonly node: string
  /** Why it is not running, in the words of squeue: `Dependency`, `Resources`. */
  readonly reason: string
}

/** A busy controller answers late. */
const TIMEOUT_MS = 60_000
const MAX_BYTES = 64 * 2 ** 20

/** Machine whose SLURM is used by ssh if nothing else is said: DIGIT_SLURM_HOST. */
export const slurmHost = (): string | undefined => process.env.DIGIT_SLURM_HOST || undefined

/** Whether jobs can be submitted from here. */
export const hasSlurm = (host?: string): Promise<boolean> =>
  run(host, 'sbatch', ['--version']).then(
    () => true,
    () => false,
  )

/** Names of the partitions, the default one first. */
export async function partitionsOf(host?: string): Promise<string[]> {
  const text = await run(host, 'sinfo', ['--noheader', '--format=%P'])
  const names = [...new Set(text.split('\n').filter(Boolean))]
  return names
    .sort((a, b) => Number(b.endsWith('*')) - Number(a.endsWith('*')))
    .map((name) => name.replace(/\*$/, ''))
}

/** Submits a script for some of its tasks; returns the number of the job. Throws RequestError with what sbatch says. */
export async function sbatch(
  host: string | undefined,
  script: string,
  options: readonly string[],
): Promise<number> {
  const text = await run(host, 'sbatch', ['--parsable', ...options, script])
  // `123` or `123;cluster`
  const job = Number.parseInt(text, 10)
  if (!Number.isInteger(job)) throw new RequestError(`sbatch: no job number (found '${text.trim()}')`)
  return job
}

/** What of these jobs is in the queue, one row a task. */
export async function squeue(host: string | undefined, jobs: readonly number[]): Promise<QueuedTask[]> {
  if (jobs.length === 0) return []
  // All jobs of the user: a question about a job that SLURM has forgotten is an error.
  const text = await run(host, 'squeue', [
    '--noheader',
    '--array',
    ...(host === undefined ? [`--user=${userInfo().username}`] : ['--me']),
    '--format=%F|%K|%T|%N|%r',
  ])
  const wanted = new Set(jobs)
  return text.split('\n').flatMap((line) => {
    const [job, task, state, node = '', reason = ''] = line.split('|')
    if (!wanted.has(Number(job))) return []
    // A job that is suspended or completing still holds its place.
    return { job: Number(job), task: Number(task), isRunning: state !== 'PENDING', node, reason }
  })
}

/** Cancels jobs `12` or tasks of them `12_3`; those that have ended are ignored. */
export async function scancel(host: string | undefined, jobs: readonly string[]): Promise<void> {
  if (jobs.length > 0) await run(host, 'scancel', ['--quiet', ...jobs])
}

/** Returns the job of this process to the queue. It is ended by this, and starts again later with the same number. */
export const requeueThis = (): Promise<unknown> =>
  run(undefined, 'scontrol', ['requeue', process.env.SLURM_JOB_ID ?? ''])

/** Standard output. Throws RequestError with the last line of standard error. */
function run(host: string | undefined, command: string, args: readonly string[]): Promise<string> {
  // BatchMode: a question for a password could not be answered here.
  const [program, words] =
    host === undefined
      ? [command, args]
      : ['ssh', ['-o', 'BatchMode=yes', host, '--', [command, ...args].map(quoted).join(' ')]]
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...words],
      { timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES, encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout)
        const said = stderr.trim().split('\n').at(-1) || error.message
        const where = host === undefined ? '' : ` on ${host}`
        const missing = error.code === 'ENOENT' ? 'not found; SLURM is not installed on this machine' : said
        reject(new RequestError(`${command}${where}: ${missing}`, { cause: error }))
      },
    )
  })
}
