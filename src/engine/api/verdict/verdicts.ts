// The part of the contract for verdicts of the workspace: started, cancelled, resumed, continued, listed.
import { dirname, join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import type { RunStatus, VerdictSpec } from '../../../shared/run/run.ts'
import type { VerdictApi, VerdictRequest, WorkspaceVerdict } from '../../../shared/verdict/verdict.ts'
import { demoFolder } from '../../model-set/resources.ts'
import { lockHolder } from '../../records/folder-lock.ts'
import { cellFolder, verdictFolder } from '../../records/workspace.ts'
import { cellState } from '../../runs/sweep/sweep-record.ts'
import { recordVerdict } from '../../runs/verdict/verdict.ts'
import { findVerdicts, readVerdictRecord } from '../../runs/verdict/verdict-record.ts'
import { moveVerdictFromTrash, moveVerdictToTrash } from '../../workspace/trash.ts'
import { isOpen, jobsOf } from '../jobs.ts'
import { newId } from '../new-id.ts'
import { sweepSpec } from '../sweep/sweep-request.ts'
import type { SweepOptions } from '../sweep/sweeps.ts'
import { verdictForPage } from './verdict-view.ts'

export function verdictCalls(options: SweepOptions): VerdictApi {
  const { workspace, queue, openJobs, modelsInUse, events } = options
  const contents = verdictReader(workspace, (id) => jobs.get(id)?.status)
  const shown = async (id: string) => (await contents(id)).verdict
  const jobs = jobsOf<undefined, WorkspaceVerdict>({
    noun: 'verdict',
    line: queue.line,
    later: { open: openJobs, call: ({ id }) => ({ call: 'resumeVerdict', args: [id, null] }) },
    show: shown,
    changed: events.verdictChanged,
    progressMs: 200,
  })
  const begin = async (id: string, spec: VerdictSpec) => {
    if (jobs.isOpen(id)) throw new RequestError(`verdict '${id}': already running`)
    await recordVerdict(spec)
    const run = (cell = '') => `${id}@${cell}`
    const step = queue.recipe(spec, {
      preview: (grids, cell) => events.preview({ ...grids, run: run(cell) }),
      finished: (image, cell) => events.imageFinished(run(cell), image),
      partFinished: () => void jobs.report(id),
    })
    const reference = dirname(spec.measure.reference)
    const places = [demoFolder(), reference, dirname(spec.out), cellFolder(spec.out, '')]
    const hidden = [...modelsInUse().folders, ...places]
    await jobs.start(id, { subject: undefined, steps: [step], hidden })
  }
  return {
    async listVerdicts() {
      const found = await jobs.list(await findVerdicts(workspace))
      return found.sort((a, b) => (a.started < b.started ? 1 : -1))
    },
    async startVerdict(request) {
      const id = newId()
      await begin(id, await specOf(request, verdictFolder(workspace, id), options))
      return id
    },
    cancelVerdict: jobs.cancel,
    async resumeVerdict(id, images) {
      const { record, verdict } = await contents(id)
      if (verdict.elsewhere) throw new RequestError(`verdict '${id}': in use by another process`)
      const { minutes, ...spec } = record.spec
      const out = verdictFolder(workspace, id)
      const count = images ?? spec.base.count
      const limit = images === null && minutes !== undefined ? { minutes } : {}
      await begin(id, { ...spec, ...limit, out, base: { ...spec.base, out, count } })
    },
    async removeVerdict(id) {
      if (jobs.isOpen(id)) throw new RequestError(`verdict '${id}': running or queued; cancel it first`)
      await moveVerdictToTrash(workspace, id)
      jobs.forget(id)
      events.verdictRemoved(id)
    },
    async restoreVerdict(id) {
      await moveVerdictFromTrash(workspace, id)
      events.verdictChanged(await shown(id))
    },
  }
}

/** A verdict on disk, with the status of one of this session. Throws RequestError if there is none. */
const verdictReader =
  (workspace: string, liveOf: (id: string) => RunStatus | undefined) => async (id: string) => {
    const folder = verdictFolder(workspace, id)
    const record = await readVerdictRecord(folder)
    if (!record) throw new RequestError(`verdict '${id}' not found`)
    const states = await Promise.all(record.cells.map((cell) => cellState(folder, cell)))
    const live = liveOf(id)
    const elsewhere = live ? undefined : (await lockHolder(join(folder, '.lock')))?.who
    const status = isOpen(live) || live?.state === 'failed' ? live : undefined
    return { record, verdict: verdictForPage(id, record, states, status, elsewhere) }
  }

/** Paths for the ids of files and sets, as of a sweep. */
async function specOf(
  { by, minutes, ...request }: VerdictRequest,
  out: string,
  options: SweepOptions,
): Promise<VerdictSpec> {
  const models = options.modelsInUse()
  const { kind: _kind, measure, ...sweep } = await sweepSpec(request, undefined, { ...options, models, out })
  return {
    kind: 'verdict',
    ...sweep,
    measure: measure!,
    by,
    ...(minutes === undefined ? {} : { minutes }),
  }
}
