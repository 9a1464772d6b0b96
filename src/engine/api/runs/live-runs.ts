// The workspace's runs of this session: claimed on disk, queued, and reported to the page as they change.
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import { claimRun, releaseRun } from '../../records/run-owner.ts'
import { readMadeWith, type KeptSpec, type MadeWith } from '../../records/run-files.ts'
import { runFolder } from '../../records/workspace.ts'
import type { Where } from '../../../shared/slurm/submission.ts'
import type { EngineContext } from '../context.ts'
import { isOpen, jobsOf, type Job, type Jobs } from '../jobs.ts'
import { askedFields } from './run-view.ts'

export interface LiveRun {
  /** ISO time of its first start. */
  readonly started: string
  spec: KeptSpec
  /** Given by a person. */
  name?: string | undefined
  /** Finished images, including those of earlier sessions. */
  finished: number
  /** Models and device, once they are in run.json. */
  made?: MadeWith
}

export interface LiveRuns extends Pick<Jobs<LiveRun, WorkspaceRun>, 'isOpen' | 'cancel' | 'forget'> {
  /**
   * Claims the run and queues it; `hidden` are folders hidden from pages. Throws RequestError if another process owns
   * it.
   */
  begin(id: string, run: LiveRun, hidden: readonly string[], where?: Where): Promise<void>
  /** Its view for a page; undefined for a run of another session. */
  shown(id: string): WorkspaceRun | undefined
  /** Replaces the request of the run. */
  askedNow(id: string, spec: KeptSpec): void
  renamed(id: string, name: string | undefined): void
}

export function liveRuns({
  workspace,
  queue,
  places,
  openJobs,
  events,
}: Omit<EngineContext, 'modelsInUse'>): LiveRuns {
  /** Models and device are in run.json once the first batch starts. */
  const learn = async (id: string, run: LiveRun) => {
    const made = await readMadeWith(runFolder(workspace, id)).catch(() => undefined)
    if (!made || run.made) return
    run.made = made
    await jobs.report(id)
  }
  const jobs = jobsOf<LiveRun, WorkspaceRun>({
    noun: 'run',
    line: queue.line,
    later: { open: openJobs, call: ({ id }) => ({ call: 'resumeRun', args: [id] }) },
    show: (_, job) => runForPage(job!),
    changed(run, { id, subject, status }) {
      if (!isOpen(status)) void releaseRun(runFolder(workspace, id))
      if (status.state !== 'queued' && !subject.made) void learn(id, subject)
      events.runChanged(run)
    },
  })
  return {
    ...jobs,
    shown(id) {
      const job = jobs.get(id)
      return job && runForPage(job)
    },
    async begin(id, run, hidden, where) {
      await claimRun(runFolder(workspace, id), id)
      const placed = await places.place([run.spec], where, {
        preview: (grids) => events.preview({ run: id, ...grids }),
        finished(image) {
          run.finished++
          events.imageFinished(id, image)
        },
      })
      await jobs.start(id, { subject: run, ...placed, hidden })
    },
    askedNow(id, spec) {
      const job = jobs.get(id)
      if (job) job.subject.spec = spec
    },
    renamed(id, name) {
      const job = jobs.get(id)
      if (job) job.subject.name = name
    },
  }
}

/** A run that ended early has the images that are on disk. */
function runForPage({ id, subject, status }: Job<LiveRun>): WorkspaceRun {
  const { started, finished, name, spec, made } = subject
  const isCut = status.state === 'cancelled' || status.state === 'failed'
  const shown = isCut ? { ...status, finished } : status
  const named = name === undefined ? {} : { name }
  return Object.freeze({ id, ...named, started, finished, status: shown, ...askedFields(spec), ...made })
}
