// Measurements as jobs: queued, cancelled and resumed, each followed by a search for the nearest real images.
import { basename, dirname } from 'node:path'
import type { Where } from '../../../shared/slurm/submission.ts'
import type { RunSpec } from '../../../shared/run/run.ts'
import type { EvaluateRequest, Evaluation, EvaluationApi } from '../../../shared/evaluation/measurements.ts'
import { SetProblemsError, type SetProblems } from '../../../shared/evaluation/set-problems.ts'
import { dropEvaluation, evaluationId, keepEvaluation, keptEvaluations } from '../../workspace/evaluations.ts'
import { measurementFolder, measurementId } from '../../workspace/measurements.ts'
import { setPath } from '../../workspace/image-sets.ts'
import type { EngineContext } from '../context.ts'
import { jobsOf, type Step } from '../jobs.ts'
import type { PlacedWork } from '../slurm/slurm-step.ts'

type JobCalls = Pick<
  EvaluationApi,
  'startEvaluation' | 'cancelEvaluation' | 'dismissEvaluation' | 'listEvaluations'
>

export interface JobOptions extends Pick<
  EngineContext,
  'workspace' | 'queue' | 'places' | 'openJobs' | 'events'
> {
  /** Fields of the specification: models, and the paths of the sets. Throws if something is missing. */
  readonly fieldsOf: (request: EvaluateRequest) => Promise<ComparisonFields>
  /** A measurement has been stored. */
  readonly measured: (id: string) => Promise<void>
}

export type ComparisonFields = Omit<
  Extract<RunSpec, { kind: 'nearest' }>,
  'kind' | 'out' | 'protocol' | 'size' | 'skipUnreadable'
>

export function evaluationJobs(options: JobOptions): JobCalls {
  const { workspace, queue, places, openJobs, events, fieldsOf, measured } = options
  /** Of measurements that failed because of the images. */
  const problems = new Map<string, readonly SetProblems[]>()
  const jobs = jobsOf<EvaluateRequest, Evaluation>({
    noun: 'measurement',
    line: queue.line,
    later: { open: openJobs, call: ({ subject }) => ({ call: 'startEvaluation', args: [subject] }) },
    show: (id, job) => evaluationForPage(id, job!.subject, job!.status, problems.get(id)),
    changed: events.evaluationChanged,
  })
  /** The same work, whose result is listed. */
  const listed =
    (id: string, step: Step): Step =>
    async (callbacks) => {
      problems.delete(id)
      const result = await step(callbacks).catch((error: unknown) => {
        if (error instanceof SetProblemsError) problems.set(id, error.sets.map(namedSet))
        throw error
      })
      if (result.measured === undefined) return result
      await dropEvaluation(workspace, id)
      await measured(measurementId(result.measured))
      return result
    }
  const evaluate = async (
    id: string,
    { samples, reference: _, heldOut, ...how }: EvaluateRequest,
    fields: ComparisonFields,
    where: Where | undefined,
  ): Promise<PlacedWork> => {
    const out = measurementFolder(workspace, samples)
    const held = heldOut ? { heldOut: await setPath(workspace, heldOut) } : {}
    const placed = await places.place([{ kind: 'evaluate', ...fields, ...how, ...held, out }], where)
    return { ...placed, steps: placed.steps.map((step) => listed(id, step)) }
  }
  return {
    async startEvaluation(request, where) {
      const id = evaluationId(request)
      if (jobs.isOpen(id)) return id
      const fields = await fieldsOf(request)
      await keepEvaluation(workspace, request)
      const hidden = [workspace, dirname(fields.images), dirname(fields.reference)]
      const start = { subject: request, ...(await evaluate(id, request, fields, where)), hidden }
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

const namedSet = (problems: SetProblems): SetProblems => ({ ...problems, set: basename(problems.set) })

const evaluationForPage = (
  id: string,
  request: EvaluateRequest,
  status: Evaluation['status'],
  problems?: readonly SetProblems[],
): Evaluation =>
  Object.freeze({
    id,
    request,
    status,
    ...(problems && status.state === 'failed' ? { problems } : {}),
    ...(status.state === 'done' && status.measured ? { measurement: measurementId(status.measured) } : {}),
  })
