// The part of the contract for sweeps of the workspace: planned, started, extended, resumed, and read.
import { dirname, join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import type { Where } from '../../../shared/slurm/submission.ts'
import type { RunStatus, SweepSpec } from '../../../shared/run/run.ts'
import type { SweepApi, SweepPoint, SweepRequest, WorkspaceSweep } from '../../../shared/sweep/sweeps.ts'
import { lockHolder } from '../../records/folder-lock.ts'
import { demoFolder } from '../../model-set/resources.ts'
import { estimateSweep } from '../../runs/sweep/estimate.ts'
import { joined, speedsIn, trySweep, type Speeds } from '../../runs/sweep/speed.ts'
import { cellState, cellStates, findSweeps, readSweepRecord } from '../../runs/sweep/sweep-record.ts'
import { recordSweep } from '../../runs/sweep/sweep.ts'
import { cellFolder, sweepFolder } from '../../records/workspace.ts'
import { moveSweepFromTrash, moveSweepToTrash } from '../../workspace/trash.ts'
import type { EngineContext } from '../context.ts'
import { withoutFolders } from '../folders.ts'
import { isOpen, jobsOf } from '../jobs.ts'
import { newId } from '../new-id.ts'
import { sweepSpec } from './sweep-request.ts'
import { pointForPage, sweepForPage } from './sweep-view.ts'

export interface SweepOptions extends EngineContext {
  /** Open files: id -> path. */
  readonly pathOf: (file: string) => string | undefined
}

export function sweepCalls(options: SweepOptions): SweepApi {
  const { workspace, queue, places, openJobs, modelsInUse, events } = options
  const { contents, pointOf } = sweepReader(workspace, (id) => jobs.get(id)?.status)
  const shown = async (id: string) => (await contents(id)).sweep
  const jobs = jobsOf<undefined, WorkspaceSweep>({
    noun: 'sweep',
    line: queue.line,
    later: { open: openJobs, call: ({ id }) => ({ call: 'resumeSweep', args: [id] }) },
    show: shown,
    changed: events.sweepChanged,
  })
  const specOf = async (request: SweepRequest, extended: string | null, id: string): Promise<SweepSpec> => {
    const models = modelsInUse()
    const earlier = extended === null ? undefined : (await contents(extended)).record
    return sweepSpec(request, earlier, { ...options, models, out: sweepFolder(workspace, extended ?? id) })
  }
  /** Cells are runs to a page. */
  const make = (id: string, spec: SweepSpec, where: Where | undefined) => {
    const run = (cell = '') => `${id}@${cell}`
    return places.place([spec], where, {
      preview: (grids, cell) => events.preview({ ...grids, run: run(cell) }),
      finished: (image, cell) => events.imageFinished(run(cell), image),
      partFinished: (cell) =>
        void pointOf(id, cell)
          .then((point) => point && events.sweepPoint(id, point))
          .catch(() => {}),
    })
  }
  const begin = async (id: string, spec: SweepSpec, where?: Where) => {
    if (jobs.isOpen(id)) throw new RequestError(`sweep '${id}': already running`)
    await recordSweep(spec)
    const folders = [demoFolder(), join(workspace, 'runs'), dirname(spec.out), cellFolder(spec.out, '')]
    const hidden = [...modelsInUse().folders, ...folders]
    await jobs.start(id, { subject: undefined, ...(await make(id, spec, where)), hidden })
  }
  const calls: Omit<SweepApi, 'estimateSweep' | 'trySweep'> = {
    async listSweeps() {
      const found = await jobs.list(await findSweeps(workspace))
      return found.sort((a, b) => (a.started < b.started ? 1 : -1))
    },
    async readSweep(id) {
      const { sweep, states } = await contents(id)
      return { sweep, points: states.map((state) => pointForPage(id, state)) }
    },
    async startSweep(request, extended, where = null) {
      const id = extended ?? newId()
      await begin(id, await specOf(request, extended, id), where)
      return id
    },
    cancelSweep: jobs.cancel,
    async resumeSweep(id) {
      const { record, sweep } = await contents(id)
      if (sweep.elsewhere) throw new RequestError(`sweep '${id}': in use by another process`)
      const out = sweepFolder(workspace, id)
      await begin(id, { ...record.spec, out, base: { ...record.spec.base, out } })
    },
    async removeSweep(id) {
      if (jobs.isOpen(id)) throw new RequestError(`sweep '${id}': running or queued; cancel it first`)
      await moveSweepToTrash(workspace, id)
      jobs.forget(id)
      events.sweepRemoved(id)
    },
    async restoreSweep(id) {
      await moveSweepFromTrash(workspace, id)
      events.sweepChanged(await shown(id))
    },
  }
  return { ...calls, ...timeCalls(options, specOf) }
}

/** Sweeps on disk, with the status of those of this session. */
function sweepReader(workspace: string, liveOf: (id: string) => RunStatus | undefined) {
  return {
    /** Throws RequestError if there is no such sweep. */
    async contents(id: string) {
      const folder = sweepFolder(workspace, id)
      const record = await readSweepRecord(folder)
      if (!record) throw new RequestError(`sweep '${id}' not found`)
      const states = await cellStates(folder, record)
      const live = liveOf(id)
      const elsewhere = live ? undefined : (await lockHolder(join(folder, '.lock')))?.who
      const shown = isOpen(live) || live?.state === 'failed' ? live : undefined
      return { record, states, sweep: sweepForPage(id, record, states, shown, elsewhere) }
    },
    async pointOf(id: string, cell: string): Promise<SweepPoint | undefined> {
      const folder = sweepFolder(workspace, id)
      const named = (await readSweepRecord(folder))?.cells.find(({ name }) => name === cell)
      return named && pointForPage(id, await cellState(folder, named))
    },
  }
}

/** Estimated time of a sweep: from finished runs, or from a short trial run in the queue. */
function timeCalls(
  { workspace, queue, modelsInUse, events }: EngineContext,
  specOf: (request: SweepRequest, extended: string | null, id: string) => Promise<SweepSpec>,
): Pick<SweepApi, 'estimateSweep' | 'trySweep'> {
  let tried: Speeds = { sampling: [], measuring: [] }
  const speedsFor = async ({ out }: SweepSpec): Promise<Speeds> => {
    const sweeps = (await findSweeps(workspace)).sort().reverse()
    const folders = [out, ...sweeps.slice(0, 3).map((id) => sweepFolder(workspace, id))]
    const cells = [...new Set(folders)].map((folder) => speedsIn(cellFolder(folder, ''), 'a sweep'))
    return joined([tried, ...(await Promise.all([...cells, speedsIn(join(workspace, 'runs'))]))])
  }
  return {
    async estimateSweep(request, extended) {
      const spec = await specOf(request, extended, 'new')
      return estimateSweep(spec, await speedsFor(spec))
    },
    async trySweep(request) {
      const spec = await specOf(request, null, 'new')
      const { folders } = modelsInUse()
      queue.line(async () => {
        const signal = new AbortController().signal
        const problem = await trySweep(spec, { signal, progress: () => {} }).then(
          (speeds) => void (tried = joined([speeds, tried])),
          (error: Error) => withoutFolders(error.message, [...folders, demoFolder()]),
        )
        if (problem === undefined) events.sweepTried()
        else events.sweepTried(problem)
      })
    },
  }
}
