// The part of the contract that is about the workspace's sweeps: planned, begun, extended, resumed, and read.
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import type { RunSpec, RunState, RunStatus, SweepSpec } from '../../../shared/run/run.ts'
import type {
  SweepApi,
  SweepEvents,
  SweepPoint,
  SweepRequest,
  WorkspaceSweep,
} from '../../../shared/sweep/sweeps.ts'
import { lockHolder } from '../../records/folder-lock.ts'
import { demoFolder } from '../../model-set/resources.ts'
import { estimateSweep } from '../../runs/sweep/estimate.ts'
import { joined, speedsIn, trySweep, type Speeds } from '../../runs/sweep/speed.ts'
import { cellState, cellStates, findSweeps, readSweepRecord } from '../../runs/sweep/sweep-record.ts'
import { recordSweep } from '../../runs/sweep/sweep.ts'
import { cellFolder, sweepFolder } from '../../records/workspace.ts'
import { moveSweepFromTrash, moveSweepToTrash } from '../../workspace/trash.ts'
import { setPath } from '../../workspace/image-sets.ts'
import { withoutFolders } from '../folders.ts'
import type { OpenModelSet } from '../models/models.ts'
import { checkpointKey, pointForPage, sweepForPage } from './sweep-view.ts'
import { statusForPage } from '../runs/run-view.ts'

export interface SweepOptions {
  readonly workspace: string
  readonly enqueue: (id: string, spec: RunSpec) => void
  /** Stops any run of this process. */
  readonly cancel: (id: string) => Promise<void>
  /** Does the work when no run is at work, and keeps runs waiting meanwhile. */
  readonly alone: (work: () => Promise<void>) => void
  readonly modelsInUse: () => OpenModelSet
  /** Of the files that are open: id -> path. */
  readonly pathOf: (file: string) => string | undefined
  readonly events: SweepEvents
}

/** A sweep of this session. */
interface Making {
  readonly folders: readonly string[]
  status: RunStatus
}

const isOpen = (status: RunStatus | undefined) => status?.state === 'queued' || status?.state === 'running'
/** The run of a sweep in the queue; no run of the workspace has such an id. */
const PREFIX = 'sweep:'

export function sweepCalls(options: SweepOptions) {
  const { workspace, enqueue, cancel, alone, modelsInUse, pathOf, events } = options
  const makings = new Map<string, Making>()
  let tried: Speeds = { sampling: [], measuring: [] }

  const contents = async (id: string) => {
    const folder = sweepFolder(workspace, id)
    const record = await readSweepRecord(folder)
    if (!record) throw new RequestError(`there is no sweep '${id}'`)
    const states = await cellStates(folder, record)
    const making = makings.get(id)
    const live = making && statusWithoutPlaces(making.status, making.folders)
    const elsewhere = making ? undefined : await lockHolder(join(folder, '.lock'))
    const shown = isOpen(live) || live?.state === 'failed' ? live : undefined
    return { record, states, sweep: sweepForPage(id, record, states, shown, elsewhere) }
  }
  const tell = async (id: string) => events.sweepChanged((await contents(id)).sweep)

  /** The folder of a sweep, and what is asked of it, with the paths that a page does not know. */
  const specOf = async (request: SweepRequest, extended: string | null, id: string): Promise<SweepSpec> => {
    const { fields } = modelsInUse()
    const earlier = extended === null ? undefined : (await contents(extended)).record
    const out = sweepFolder(workspace, extended ?? id)
    const { count, batchSize, device } = request.base
    const base = earlier
      ? { ...earlier.spec.base, count, batchSize, device, out }
      : { kind: 'sample' as const, ...request.base, ...fields, out, shards: 1, shard: 0 }
    const known = new Map(Object.keys(earlier?.checkpoints ?? {}).map((path) => [checkpointKey(path), path]))
    const pathFor = (value: string) => {
      const path = known.get(value) ?? pathOf(value)
      if (path === undefined) throw new RequestError(`there is no such checkpoint ('${value}')`)
      return path
    }
    const measure = earlier ? earlier.spec.measure : await measureOf(request)
    return {
      kind: 'sweep',
      out,
      base,
      axes: request.axes.map(({ name, values }) => ({
        name,
        values: values.map((value) => (typeof value === 'string' ? pathFor(value) : value)),
      })),
      ...(measure ? { measure } : {}),
    }
  }
  const measureOf = async ({ measure }: SweepRequest): Promise<SweepSpec['measure']> => {
    if (!measure) return undefined
    return { ...measure, reference: await setPath(workspace, measure.reference) }
  }
  const begin = async (id: string, spec: SweepSpec) => {
    if (isOpen(makings.get(id)?.status)) throw new RequestError(`sweep '${id}' is at work already`)
    await recordSweep(spec)
    const places = [demoFolder(), join(workspace, 'runs'), dirname(spec.out), cellFolder(spec.out, '')]
    makings.set(id, { folders: [...modelsInUse().folders, ...places], status: { state: 'queued' } })
    enqueue(PREFIX + id, spec)
  }
  const refuseOpen = (id: string) => {
    if (isOpen(makings.get(id)?.status)) throw new RequestError(`sweep '${id}' is at work; cancel it first`)
  }
  const speedsFor = async ({ out }: SweepSpec): Promise<Speeds> => {
    const sweeps = (await findSweeps(workspace)).sort().reverse()
    const folders = [out, ...sweeps.slice(0, 3).map((id) => sweepFolder(workspace, id))]
    const cells = [...new Set(folders)].map((folder) => speedsIn(cellFolder(folder, ''), 'a sweep'))
    return joined([tried, ...(await Promise.all([...cells, speedsIn(join(workspace, 'runs'))]))])
  }

  const calls: SweepApi = {
    async listSweeps() {
      const found: WorkspaceSweep[] = []
      for (const id of await findSweeps(workspace)) {
        // One that cannot be understood is no reason to show none.
        const one = await contents(id).catch(() => undefined)
        if (one) found.push(one.sweep)
      }
      return found.sort((a, b) => (a.started < b.started ? 1 : -1))
    },
    async readSweep(id) {
      const { sweep, states } = await contents(id)
      return { sweep, points: states.map((state) => pointForPage(id, state)) }
    },
    async estimateSweep(request, extended) {
      const spec = await specOf(request, extended, 'new')
      return estimateSweep(spec, await speedsFor(spec))
    },
    async trySweep(request) {
      const spec = await specOf(request, null, 'new')
      const { folders } = modelsInUse()
      alone(async () => {
        const signal = new AbortController().signal
        const problem = await trySweep(spec, { signal, progress: () => {} }).then(
          (speeds) => void (tried = joined([speeds, tried])),
          (error: Error) => withoutFolders(error.message, [...folders, demoFolder()]),
        )
        if (problem === undefined) events.sweepTried()
        else events.sweepTried(problem)
      })
    },
    async startSweep(request, extended) {
      const id = extended ?? newSweepId()
      await begin(id, await specOf(request, extended, id))
      return id
    },
    async cancelSweep(id) {
      if (isOpen(makings.get(id)?.status)) await cancel(PREFIX + id)
    },
    async resumeSweep(id) {
      const { record, sweep } = await contents(id)
      if (sweep.elsewhere) throw new RequestError(`another process is working on sweep '${id}'`)
      const out = sweepFolder(workspace, id)
      await begin(id, { ...record.spec, out, base: { ...record.spec.base, out } })
    },
    async removeSweep(id) {
      refuseOpen(id)
      await moveSweepToTrash(workspace, id)
      makings.delete(id)
      events.sweepRemoved(id)
    },
    async restoreSweep(id) {
      await moveSweepFromTrash(workspace, id)
      await tell(id)
    },
  }
  const sweepId = (run: string) => (run.startsWith(PREFIX) ? run.slice(PREFIX.length) : undefined)
  return {
    calls,
    /** A run of the queue, by the name that its images have for a page; undefined for what is no sweep. */
    cellRun: (run: string, cell: string | undefined): string | undefined => {
      const id = sweepId(run)
      return id === undefined || cell === undefined ? undefined : `${id}@${cell}`
    },
    /** Hears of every run of this process. */
    stateChanged({ id: run, status }: RunState): void {
      const id = sweepId(run)
      const making = id === undefined ? undefined : makings.get(id)
      if (!making) return
      making.status = status
      void tell(id!).catch(() => {})
    },
    partFinished(run: string, cell: string): void {
      const id = sweepId(run)
      if (id !== undefined) void tellPoint(id, cell).catch(() => {})
    },
  }

  async function tellPoint(id: string, cell: string): Promise<void> {
    const folder = sweepFolder(workspace, id)
    const named = (await readSweepRecord(folder))?.cells.find(({ name }) => name === cell)
    if (named) events.sweepPoint(id, pointForPage(id, await cellState(folder, named)) as SweepPoint)
  }
}

function statusWithoutPlaces(status: RunStatus, folders: readonly string[]): RunStatus {
  if (status.state === 'running') return { ...status, note: withoutFolders(status.note, folders) }
  return statusForPage(status, 'finished' in status ? status.finished : 0, folders)
}

/** `20261123-044438-5f0c`: sorts by time, and two at once differ. */
const newSweepId = () =>
  `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${randomBytes(2).toString('hex')}`
