// Identifies the process that wrote a file, so that another process can tell whether it has ended. The process number
// alone is not enough: numbers are reused on other machines, in other containers and after a reboot.
//   Linux: proc(5), /proc/PID/stat field 22 (start) and /proc/sys/kernel/random/boot_id
//   macOS: ps(1) lstart, sysctl kern.bootsessionuuid
//   elsewhere only the number and the host name
// A job of SLURM moves to other machines when it is requeued; its number identifies it there. sbatch(1), OUTPUT
// ENVIRONMENT VARIABLES: SLURM_JOB_ID, SLURM_RESTART_COUNT.
import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** Id of the installed operating system. */
  readonly machine?: string | undefined
  /** Id that changes with each boot of the machine. */
  readonly boot?: string | undefined
  /** Namespace of `pid`; each container has its own. */
  readonly pids?: string | undefined
  /** Start time of the process, in the format of the system. */
  readonly start?: string | undefined
  /** Number of the job of SLURM that it runs in, and how often that job was requeued before. */
  readonly job?: string | undefined
  readonly restarts?: number | undefined
}

/**
 * `unknown`: on another machine or in another container, or a process with the same number that may be a different one.
 */
export type Life = 'this' | 'alive' | 'ended' | 'unknown'

let own: ProcessIdentity | undefined

/** Identity of the running process. */
export function thisProcess(): ProcessIdentity {
  return (own ??= {
    pid: process.pid,
    host: hostname(),
    machine: tried(() => readFileSync('/etc/machine-id', 'utf8').trim()),
    boot: tried(bootOfMachine),
    pids: tried(() => readlinkSync('/proc/self/ns/pid')),
    start: startOf(process.pid),
    job: process.env.SLURM_JOB_ID,
    restarts: process.env.SLURM_JOB_ID ? Number(process.env.SLURM_RESTART_COUNT ?? 0) : undefined,
  })
}

/** Whether the process that wrote `writer` still runs. */
export function lifeOf(writer: ProcessIdentity): Life {
  const life = lifeHere(writer)
  return life === 'unknown' && writer.job !== undefined ? lifeOfJob(writer) : life
}

/** SLURM starts a job again only after its processes have ended, and knows a job until they have. */
function lifeOfJob({ job, restarts = 0 }: ProcessIdentity): Life {
  const here = thisProcess()
  if (job === here.job) return restarts < here.restarts! ? 'ended' : 'unknown'
  try {
    const state = execFileSync('squeue', ['--noheader', '--format=%T', `--jobs=${job}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: SQUEUE_MS,
    })
    return state.trim() === '' ? 'ended' : 'alive'
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    return stderr?.includes('Invalid job id') ? 'ended' : 'unknown'
  }
}

/** A busy controller answers late. */
const SQUEUE_MS = 10_000

function lifeHere(writer: ProcessIdentity): Life {
  const here = thisProcess()
  if (writer.boot === undefined || here.boot === undefined)
    return writer.host === here.host ? lifeOfPid(writer) : 'unknown'
  if (writer.boot === here.boot) return writer.pids === here.pids ? lifeOfPid(writer) : 'unknown'
  // The same machine before its last boot: no process of that time still runs.
  return writer.host === here.host && writer.machine === here.machine ? 'ended' : 'unknown'
}

/** `start` distinguishes processes with the same number. */
function lifeOfPid({ pid, start }: ProcessIdentity): Life {
  if (!isRunning(pid)) return 'ended'
  const now = pid === process.pid ? thisProcess().start : startOf(pid)
  if (start === undefined || now === undefined) return 'unknown'
  if (start !== now) return 'ended'
  return pid === process.pid ? 'this' : 'alive'
}

/** True also for a process of another user. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Start time of a process; `ended` for a zombie, which has ended but has not been reaped by its parent. */
function startOf(pid: number): string | undefined {
  if (process.platform === 'win32') return undefined
  if (process.platform !== 'linux') return tried(() => output('ps', '-o', 'lstart=', '-p', String(pid)))
  return tried(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name, in brackets, and may contain anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : fields[19]!
  })
}

function bootOfMachine(): string | undefined {
  if (process.platform === 'linux') return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return process.platform === 'darwin' ? output('sysctl', '-n', 'kern.bootsessionuuid') : undefined
}

const output = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } }).trim()

/** Undefined if the system does not provide it. */
function tried<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
