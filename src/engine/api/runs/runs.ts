// The part of the contract for runs anywhere on disk, for hosts on this machine.
import type { HostApi, HostEvents } from '../../../shared/contract/api.ts'
import { RequestError } from '../../../shared/errors.ts'
import { RunSpecSchema, type RunSpec, type RunState } from '../../../shared/run/run.ts'
import { jobsOf, type Jobs } from '../jobs.ts'
import type { Queue } from '../queue.ts'

export interface RunCalls {
  readonly calls: Pick<HostApi, 'startRun' | 'listRuns'>
  /** Throws RequestError if there is no such run. */
  readonly cancel: Jobs<RunSpec, RunState>['cancel']
}

export interface RunOptions {
  readonly queue: Queue
  readonly events: Pick<HostEvents, 'stateChanged' | 'preview'>
}

export function runCalls({ queue, events }: RunOptions): RunCalls {
  const jobs = jobsOf<RunSpec, RunState>({
    noun: 'run',
    line: queue.line,
    show: (id, job) => Object.freeze({ id, spec: job!.subject, status: job!.status }),
    changed: events.stateChanged,
  })
  let started = 0
  return {
    async cancel(id) {
      if (!jobs.get(id)) throw new RequestError(`run '${id}' not found`)
      await jobs.cancel(id)
    },
    calls: {
      async startRun(asked) {
        const spec = checkedSpec(asked)
        const id = `${spec.kind}-${++started}`
        const step = queue.recipe(spec, { preview: (grids) => events.preview({ run: id, ...grids }) })
        await jobs.start(id, { subject: spec, steps: [step] })
        return id
      },
      listRuns: () => jobs.list([]),
    },
  }
}

function checkedSpec(asked: RunSpec): RunSpec {
  const { success, data, error } = RunSpecSchema.safeParse(asked)
  if (success) return data
  const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new RequestError(`invalid run specification: ${problems.join('; ')}`)
}
