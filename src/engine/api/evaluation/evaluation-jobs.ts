// Measurements on their way: queued, told as they change, stopped and gone on with; each with the search for the
// nearest real images behind it.
import { dirname } from 'node:path'
import type { RunSpec, RunState, RunStatus } from '../../../shared/run/run.ts'
import type {
  EvaluateRequest,
  Evaluation,
  EvaluationApi,
  EvaluationEvents,
} from '../../../shared/evaluation/measurements.ts'
import { dropEvaluation, evaluationId, keepEvaluation, keptEvaluations } from '../../workspace/evaluations.ts'
import { measurementFolder, measurementId } from '../../workspace/measurements.ts'
import { statusWithoutFolders } from '../folders.ts'

type JobCalls = Pick<
  EvaluationApi,
  'startEvaluation' | 'cancelEvaluation' | 'dismissEvaluation' | 'listEvaluations'
>

export interface JobOptions {
  readonly workspace: string
  readonly enqueue: (id: string, spec: RunSpec) => void
  readonly cancel: (id: string) => Promise<void>
  /** Fields of the specification: models, and where the sets lie. Throws where something is missing. */
  readonly fieldsOf: (request: EvaluateRequest) => Promise<ComparisonFields>
  readonly events: Pick<EvaluationEvents, 'evaluationChanged' | 'evaluationDismissed'>
  /** A measurement has been stored. */
  readonly measured: (id: string, request: EvaluateRequest) => Promise<void>
}

export type ComparisonFields = Omit<
  Extract<RunSpec, { kind: 'nearest' }>,
  'kind' | 'out' | 'protocol' | 'size'
>

interface Job {
  readonly request: EvaluateRequest
  /** Folders that a page is not told. */
  readonly folders: readonly string[]
  status: RunStatus
}

const isOpen = ({ state }: RunStatus) => state === 'queued' || state === 'running'
/** The run of a measurement in the queue; no run of the workspace has such an id. */
const PREFIX = 'evaluation:'

export function evaluationJobs({ workspace, enqueue, cancel, fieldsOf, events, measured }: JobOptions) {
  const jobs = new Map<string, Job>()

  const shown = (id: string, { request, status }: Job): Evaluation =>
    Object.freeze({
      id,
      request,
      status,
      ...(status.state === 'done' && status.measured ? { measurement: measurementId(status.measured) } : {}),
    })

  const calls: JobCalls = {
    async startEvaluation(request) {
      const id = evaluationId(request)
      if (jobs.has(id) && isOpen(jobs.get(id)!.status)) return id
      const fields = await fieldsOf(request)
      const { samples, protocol, size, confidence, perClass } = request
      await keepEvaluation(workspace, request)
      const folders = [workspace, dirname(fields.images), dirname(fields.reference)]
      jobs.set(id, { request, folders, status: { state: 'queued' } })
      const out = measurementFolder(workspace, samples)
      const sized = size === undefined ? {} : { size }
      enqueue(PREFIX + id, { kind: 'evaluate', ...fields, ...sized, out, protocol, confidence, perClass })
      return id
    },
    async cancelEvaluation(id) {
      if (jobs.has(id) && isOpen(jobs.get(id)!.status)) await cancel(PREFIX + id)
    },
    async dismissEvaluation(id) {
      await calls.cancelEvaluation(id)
      jobs.delete(id)
      await dropEvaluation(workspace, id)
      events.evaluationDismissed(id)
    },
    async listEvaluations() {
      const left = (await keptEvaluations(workspace)).map((request): [string, Job] => [
        evaluationId(request),
        { request, folders: [], status: { state: 'cancelled', finished: 0 } },
      ])
      const all = new Map([...left, ...jobs])
      return [...all].map(([id, job]) => shown(id, job)).filter(({ status }) => status.state !== 'done')
    },
  }
  const finish = async (id: string, job: Job, key: string) => {
    await dropEvaluation(workspace, id)
    await measured(measurementId(key), job.request)
    events.evaluationChanged(shown(id, job))
  }
  return {
    calls,
    /** Hears of every run of this process. */
    stateChanged({ id: run, status }: RunState): void {
      const id = run.startsWith(PREFIX) ? run.slice(PREFIX.length) : ''
      const job = jobs.get(id)
      if (!job) return
      job.status = statusWithoutFolders(status, job.folders)
      if (status.state === 'done' && status.measured) void finish(id, job, status.measured)
      else events.evaluationChanged(shown(id, job))
    },
  }
}
