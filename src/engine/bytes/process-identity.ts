// Which process wrote a file, said so that another can tell whether it has ended. A process number alone does not say
// that: numbers are used again, on other machines, in other containers and after a restart.
//   Linux: proc(5), /proc/PID/stat field 22 (start) and /proc/sys/kernel/random/boot_id
//   macOS: ps(1) lstart, sysctl kern.bootsessionuuid
//   elsewhere the number and the host name are all there is
import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** Of the operating system as it was installed. */
  readonly machine?: string | undefined
  /** Another after each restart of the machine. */
  readonly boot?: string | undefined
  /** The namespace in which `pid` counts: containers have their own. */
  readonly pids?: string | undefined
  /** When the process started, in the system's own words. */
  readonly start?: string | undefined
}

/** `unknown`: of another machine or container, or the same number without proof that it is the same process. */
export type Life = 'this' | 'alive' | 'ended' | 'unknown'

let own: ProcessIdentity | undefined

/** Of the running process. */
export function thisProcess(): ProcessIdentity {
  return (own ??= {
    pid: process.pid,
    host: hostname(),
    machine: tried(() => readFileSync('/etc/machine-id', 'utf8').trim()),
    boot: tried(bootOfMachine),
    pids: tried(() => readlinkSync('/proc/self/ns/pid')),
    start: startOf(process.pid),
  })
}

/** Whether the process that wrote `writer` still runs. */
export function lifeOf(writer: ProcessIdentity): Life {
  const here = thisProcess()
  if (writer.boot === undefined || here.boot === undefined)
    return writer.host === here.host ? lifeOfPid(writer) : 'unknown'
  if (writer.boot === here.boot) return writer.pids === here.pids ? lifeOfPid(writer) : 'unknown'
  // The same machine in an earlier session: nothing of that runs any more.
  return writer.host === here.host && writer.machine === here.machine ? 'ended' : 'unknown'
}

/** `start` proves that it is the process of this number. */
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

/** When a process started; `ended` for one that has ended and was not collected by its parent yet. */
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

/** Undefined where the system does not say. */
function tried<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
