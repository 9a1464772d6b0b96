// Measurements as jobs: queued, cancelled and resumed, each followed by a search for the nearest real images.
import { dirname } from 'node:path'
import type { RunSpec } from '../../../shared/run/run.ts'
import type { EvaluateRequest, Evaluation, EvaluationApi } from '../../../shared/evaluation/measurements.ts'
import { dropEvaluation, evaluationId, keepEvaluation, keptEvaluations } from '../../workspace/evaluations.ts'
import { measurementFolder, measurementId } from '../../workspace/measurements.ts'
import type { EngineContext } from '../context.ts'
import { jobsOf, type Step } from '../jobs.ts'

type JobCalls = Pick<
  EvaluationApi,
  'startEvaluation' | 'cancelEvaluation' | 'dismissEvaluation' | 'listEvaluations'
>

export interface JobOptions extends Pick<EngineContext, 'workspace' | 'queue' | 'openJobs' | 'events'> {
  /** Fields of the specification: models, and the paths of the sets. Throws if something is missing. */
  readonly fieldsOf: (request: EvaluateRequest) => Promise<ComparisonFields>
  /** A measurement has been stored. */
  readonly measured: (id: string) => Promise<void>
}

export type ComparisonFields = Omit<
  Extract<RunSpec, { kind: 'nearest' }>,
  'kind' | 'out' | 'protocol' | 'size'
>

export function evaluationJobs(options: JobOptions): JobCalls {
  const { workspace, queue, openJobs, events, fieldsOf, measured } = options
  const jobs = jobsOf<EvaluateRequest, Evaluation>({
    noun: 'measurement',
    line: queue.line,
    later: { open: openJobs, call: ({ subject }) => ({ call: 'startEvaluation', args: [subject] }) },
    show: (id, job) => evaluationForPage(id, job!.subject, job!.status),
    changed: events.evaluationChanged,
  })
  const evaluate =
    (id: string, request: EvaluateRequest, fields: ComparisonFields): Step =>
    async (callbacks) => {
      const { samples, protocol, size, confidence, perClass } = request
      const sized = size === undefined ? {} : { size }
      const out = measurementFolder(workspace, samples)
      const asked = { kind: 'evaluate', ...fields, ...sized, out, protocol, confidence, perClass } as const
      const result = await queue.recipe(asked)(callbacks)
      if (result.measured === undefined) return result
      await dropEvaluation(workspace, id)
      await measured(measurementId(result.measured))
      return result
    }
  return {
    async startEvaluation(request) {
      const id = evaluationId(request)
      if (jobs.isOpen(id)) return id
      const fields = await fieldsOf(request)
      await keepEvaluation(workspace, request)
      const hidden = [workspace, dirname(fields.images), dirname(fields.reference)]
      const start = { subject: request, steps: [evaluate(id, request, fields)], hidden }
      if (!jobs.isOpen(id)) await jobs.start(id, start)
      return id
    },
    cancelEvaluation: jobs.cancel,
    async dismissEvaluation(id) {
      await jobs.cancel(id)
      jobs.forget(id)
      await dropEvaluation(workspace, id)
      events.evaluationDismissed(id)
    },
    async listEvaluations() {
      const kept = await keptEvaluations(workspace)
      const left = kept.filter((request) => !jobs.get(evaluationId(request)))
      const cut = left.map((request) =>
        evaluationForPage(evaluationId(request), request, { state: 'cancelled', finished: 0 }),
      )
      return [...cut, ...(await jobs.list([]))].filter(({ status }) => status.state !== 'done')
    },
  }
}

const evaluationForPage = (id: string, request: EvaluateRequest, status: Evaluation['status']): Evaluation =>
  Object.freeze({
    id,
    request,
    status,
    ...(status.state === 'done' && status.measured ? { measurement: measurementId(status.measured) } : {}),
  })
