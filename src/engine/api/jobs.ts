// The job machine for all kinds of work, which is queued, reports progress, and ends done, failed or cancelled. A job
// is a plain object; each change of its status creates a new one.
//
//             start             its turn             last step
//     idle ----------> queued -----------> running -----------> done
//                       |  ^                |  | |
//                cancel |  '----------------'  | '- throws ---> failed
//                       |      next step       '- cancel -----> cancelled
//                       '-------------------------------------> cancelled
//
// `start` with the id of an ended job resumes it: finished parts are on disk, and steps skip them. `forget` makes it
// idle. After a restart every job is idle, and pages show what is on disk.
import { RequestError } from '../../shared/errors.ts'
import type { RunStatus } from '../../shared/run/run.ts'
import type { RunCallbacks, RunResult } from '../devices/callbacks.ts'
import { statusWithoutFolders } from './folders.ts'
import type { OpenJobs, ResumingCall } from './open-jobs.ts'

/** Runs work when its turn comes. The work never rejects. */
export type Line = (work: () => Promise<void>) => void

/** A line in which work runs one piece at a time. */
export function oneAtATime(): Line {
  let last: Promise<void> = Promise.resolve()
  return (work) => void (last = last.then(work))
}

/** For work that need not wait. */
export const atOnce: Line = (work) => void work()

/** A part of a job's work; each part is queued separately. */
export type Step = (callbacks: Pick<RunCallbacks, 'signal' | 'progress'>) => Promise<RunResult>

/** A job of this session. */
export interface Job<Subject> {
  readonly id: string
  /** The request, or nothing if the id is enough. */
  readonly subject: Subject
  /** Without hidden folders. */
  readonly status: RunStatus
}

export interface JobStart<Subject> {
  readonly subject: Subject
  /** Run one after another; the result of the last one is that of the job. */
  readonly steps: readonly Step[]
  /** Folders removed from notes, summaries and errors, along with stacks. @default nothing is hidden */
  readonly hidden?: readonly string[]
  /** For work that does not use the devices of this machine. @default that of the kind */
  readonly line?: Line
}

/** Reason of the signal when a job is left to a later session: work elsewhere continues meanwhile. */
export const LEFT = new Error('left to a later session')

/** Properties of a kind of job. */
export interface JobKind<Subject, Shown> {
  /** Word for errors: `sweep`. */
  readonly noun: string
  readonly line: Line
  /** The view of a job, or of what an earlier session left on disk, for a page. */
  show(id: string, job: Job<Subject> | undefined): Shown | Promise<Shown>
  /** Sends the event; called on every change of the status. */
  changed(shown: Shown, job: Job<Subject>): void
  /** Minimum time between two reports of progress. @default all are reported */
  readonly progressMs?: number
  /** The call that resumes a job in a later session, and the list of open jobs. @default it cannot be resumed */
  readonly later?: { readonly open: OpenJobs; readonly call: (job: Job<Subject>) => ResumingCall }
}

export interface Jobs<Subject, Shown> {
  /** Queues a job, or resumes one that has ended; resolves once that is reported. Throws RequestError while it is open. */
  start(id: string, start: JobStart<Subject>): Promise<void>
  /** Cancels a queued job at once, a running one at its next chunk. Ignores other jobs. */
  cancel(id: string): Promise<void>
  get(id: string): Job<Subject> | undefined
  /** Whether the job is queued or running. */
  isOpen(id: string): boolean
  /** Reports a job again after a change other than its status. */
  report(id: string): Promise<void>
  /** The given jobs on disk, then the other jobs of this session, as views for a page; unreadable ones are left out. */
  list(found: Iterable<string>): Promise<Shown[]>
  /** Drops a job that has ended. */
  forget(id: string): void
}

/** A job with its abort controller. Another start with the same id creates another attempt. */
interface Attempt<Subject> {
  job: Job<Subject>
  readonly hidden: readonly string[] | undefined
  readonly line: Line | undefined
  readonly controller: AbortController
  /** Resolved by `end`, when the status is final. */
  readonly ended: Promise<void>
  readonly end: () => void
  /** Number of reports started, and the last one sent. */
  reports: number
  sent: number
}

function newAttempt<Subject>(
  job: Job<Subject>,
  { hidden, line }: Pick<JobStart<Subject>, 'hidden' | 'line'>,
): Attempt<Subject> {
  let end = () => {}
  const ended = new Promise<void>((resolve) => (end = resolve))
  return { job, hidden, line, controller: new AbortController(), ended, end, reports: 0, sent: 0 }
}

type Attempts<Subject> = Map<string, Attempt<Subject>>

export const isOpen = (status: RunStatus | undefined): boolean =>
  status?.state === 'queued' || status?.state === 'running'

/** Jobs of one kind, initially none. */
export function jobsOf<Subject, Shown>(kind: JobKind<Subject, Shown>): Jobs<Subject, Shown> {
  const attempts: Attempts<Subject> = new Map()
  const report = reporter(kind, attempts)
  const worker = workerOf(kind, attempts, report)
  const isOpenNow = (id: string) => isOpen(attempts.get(id)?.job.status)
  return {
    async start(id, { subject, steps, ...how }) {
      if (isOpenNow(id)) throw new RequestError(`${kind.noun} '${id}': already running`)
      const attempt = newAttempt<Subject>({ id, subject, status: { state: 'queued' } }, how)
      attempts.set(id, attempt)
      if (kind.later) listOpen(attempt, kind.later, () => worker.cancel(attempt, LEFT))
      await worker.queue(attempt, steps)
    },
    async cancel(id) {
      const attempt = attempts.get(id)
      if (attempt && isOpenNow(id)) await worker.cancel(attempt)
    },
    get: (id) => attempts.get(id)?.job,
    isOpen: isOpenNow,
    report,
    async list(found) {
      const shown: Shown[] = []
      for (const id of new Set([...found, ...attempts.keys()]))
        try {
          shown.push(await kind.show(id, attempts.get(id)?.job))
        } catch {
          // An unreadable job must not hide the others.
        }
      return shown
    },
    forget: (id) => void attempts.delete(id),
  }
}

/** Adds a job to the open ones until it ends or is cancelled. */
function listOpen<Subject>(
  { job, controller, ended }: Attempt<Subject>,
  { open, call }: NonNullable<JobKind<Subject, unknown>['later']>,
  cancel: () => Promise<void>,
): void {
  const listed = { resume: call(job), stop: () => cancel().then(() => ended) }
  const drop = () => open.delete(listed)
  open.add(listed)
  controller.signal.addEventListener('abort', drop)
  void ended.then(drop)
}

/** Sends the events of a kind, in the order of the changes. */
function reporter<Subject, Shown>(kind: JobKind<Subject, Shown>, attempts: Attempts<Subject>) {
  return async (id: string): Promise<void> => {
    const attempt = attempts.get(id)
    if (!attempt) return
    const { job } = attempt
    const turn = ++attempt.reports
    let shown: Shown
    try {
      const showing = kind.show(id, job)
      shown = showing instanceof Promise ? await showing : showing
    } catch {
      // A job removed meanwhile has nothing to report.
      return
    }
    // A later report that was faster is not overwritten.
    if (turn < attempt.sent) return
    attempt.sent = turn
    kind.changed(shown, job)
  }
}

/** Moves jobs from state to state. */
function workerOf<Subject, Shown>(
  { line, progressMs = 0 }: JobKind<Subject, Shown>,
  attempts: Attempts<Subject>,
  report: (id: string) => Promise<void>,
) {
  /** False if nothing changes: the attempt has ended, was forgotten, or was replaced by another one. */
  const become = (attempt: Attempt<Subject>, status: RunStatus): boolean => {
    const { job, hidden } = attempt
    // Work cancelled before its first progress may still finish.
    if (!isOpen(job.status) && status.state !== 'done') return false
    attempt.job = Object.freeze({ ...job, status: hidden ? statusWithoutFolders(status, hidden) : status })
    if (!isOpen(status)) attempt.end()
    return attempts.get(job.id) === attempt
  }
  const change = async (attempt: Attempt<Subject>, status: RunStatus): Promise<void> => {
    if (become(attempt, status)) await report(attempt.job.id)
  }
  const cancel = async (attempt: Attempt<Subject>, reason?: Error): Promise<void> => {
    attempt.controller.abort(reason)
    if (attempt.job.status.state === 'queued') await change(attempt, { state: 'cancelled', finished: 0 })
  }
  const queue = (attempt: Attempt<Subject>, steps: readonly Step[]): Promise<void> => {
    const reported = change(attempt, { state: 'queued' })
    const take = attempt.line ?? line
    take(() => perform(attempt, steps))
    return reported
  }
  const perform = async (attempt: Attempt<Subject>, [step, ...rest]: readonly Step[]): Promise<void> => {
    const { signal } = attempt.controller
    // Cancelled while it was queued.
    if (signal.aborted) return
    let finished = 0
    let reported = -Infinity
    const progress = (done: number, of: number, note: string) => {
      finished = Math.floor(done)
      const changes = become(attempt, { state: 'running', step: done, of, note })
      if (!changes || performance.now() - reported < progressMs) return
      reported = performance.now()
      void report(attempt.job.id)
    }
    try {
      const result = await step!({ signal, progress })
      if (rest.length === 0) void change(attempt, { state: 'done', ...result })
      else if (signal.aborted) void change(attempt, { state: 'cancelled', finished })
      else void queue(attempt, rest)
    } catch (error) {
      const ended = signal.aborted
        ? ({ state: 'cancelled', finished } as const)
        : ({ state: 'failed', finished, error: plainError(error) } as const)
      void change(attempt, ended)
    }
  }
  return { cancel, queue }
}

function plainError(thrown: unknown): { name: string; message: string; stack?: string } {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown) }
  const { name, message, stack } = thrown
  return stack === undefined ? { name, message } : { name, message, stack }
}
