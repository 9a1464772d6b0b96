// The part of the contract that is about the workspace's linear probes: begun, stopped, resumed, listed.
import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import type { ProbeSpec } from '../../../shared/evaluation/linear-probe.ts'
import type { RunSpec, RunState, RunStatus } from '../../../shared/run/run.ts'
import type { ProbeApi, ProbeEvents, WorkspaceProbe } from '../../../shared/evaluation/linear-probes.ts'
import { lockHolder } from '../../records/folder-lock.ts'
import {
  findProbes,
  probeFolder,
  readProbe,
  saveProbeRequest,
  type FoundProbe,
} from '../../workspace/linear-probes.ts'
import { demoPictures, setPath } from '../../workspace/image-sets.ts'
import { withoutFolders } from '../folders.ts'
import type { OpenModelSet } from '../models/models.ts'
import { statusForPage } from '../runs/run-view.ts'

export interface ProbeOptions {
  readonly workspace: string
  readonly enqueue: (id: string, spec: RunSpec) => void
  /** Stops any run of this process. */
  readonly cancel: (id: string) => Promise<void>
  readonly modelsInUse: () => OpenModelSet
  readonly events: ProbeEvents
}

interface Making {
  readonly folders: readonly string[]
  status: RunStatus
}

const isOpen = (status: RunStatus | undefined) => status?.state === 'queued' || status?.state === 'running'
/** The run of a probe in the queue; no run of the workspace has such an id. */
const PREFIX = 'probe:'

export function probeCalls({ workspace, enqueue, cancel, modelsInUse, events }: ProbeOptions) {
  const makings = new Map<string, Making>()

  const shown = async (found: FoundProbe): Promise<WorkspaceProbe> => {
    const making = makings.get(found.id)
    const elsewhere = making ? undefined : await lockHolder(join(found.folder, '.lock'))
    return probeForPage(found, making && withoutPlaces(making), elsewhere)
  }
  const tell = async (id: string) => events.probeChanged(await shown(await readProbe(workspace, id)))
  const begin = async (id: string, spec: ProbeSpec) => {
    if (isOpen(makings.get(id)?.status)) throw new RequestError(`probe '${id}' is at work already`)
    const folders = [...modelsInUse().folders, dirname(spec.out), dirname(spec.images)]
    makings.set(id, { folders, status: { state: 'queued' } })
    enqueue(PREFIX + id, spec)
  }
  const calls: ProbeApi = {
    async listProbes() {
      return Promise.all((await findProbes(workspace)).map(shown))
    },
    async startProbe({ images, ...training }) {
      const { fields } = modelsInUse()
      if (images.kind === 'run')
        throw new RequestError('a probe needs a folder of pictures with one sub-folder a class')
      const id = newProbeId()
      const out = probeFolder(workspace, id)
      const spec: ProbeSpec = {
        kind: 'probe',
        ...training,
        ...fields,
        out,
        images: await setPath(workspace, images),
      }
      await saveProbeRequest(workspace, id, spec)
      await begin(id, spec)
      return id
    },
    async cancelProbe(id) {
      if (isOpen(makings.get(id)?.status)) await cancel(PREFIX + id)
    },
    async resumeProbe(id) {
      const { spec, folder } = await readProbe(workspace, id)
      const holder = await lockHolder(join(folder, '.lock'))
      if (holder) throw new RequestError(`${holder} is working on probe '${id}'`)
      await begin(id, { ...spec, ...modelsInUse().fields, out: folder })
    },
  }
  return {
    calls,
    /** Hears of every run of this process. */
    stateChanged({ id: run, status }: RunState): void {
      const id = run.startsWith(PREFIX) ? run.slice(PREFIX.length) : ''
      const making = makings.get(id)
      if (!making) return
      making.status = status
      void tell(id).catch(() => {})
    },
    partFinished(run: string): void {
      if (run.startsWith(PREFIX)) void tell(run.slice(PREFIX.length)).catch(() => {})
    },
  }
}

function probeForPage(
  { id, started, spec, record }: FoundProbe,
  live: RunStatus | undefined,
  elsewhere: string | undefined,
): WorkspaceProbe {
  const { epochs, batch, learningRate, seed, images } = spec
  const layers = record?.layers ?? []
  const { stage1 = '' } = (record?.recipe ?? {}) as { stage1?: string }
  const isDone = record !== undefined && layers.length > record.depth
  const working: RunStatus = elsewhere
    ? { state: 'running', step: 0, of: 1, note: `${elsewhere} is working on it` }
    : { state: 'cancelled', finished: layers.length }
  const done: RunStatus = { state: 'done', finished: layers.length, summary: `${layers.length} layers` }
  const isShown = isOpen(live) || live?.state === 'failed'
  return Object.freeze({
    id,
    started,
    images: images === demoPictures() ? 'Demo pictures' : basename(images),
    training: { epochs, batch, learningRate, seed },
    stage1,
    depth: record?.depth ?? 0,
    ...(record ? { counts: record.counts } : {}),
    layers,
    status: isShown ? live! : isDone ? done : working,
    ...(elsewhere && !live ? { elsewhere: true } : {}),
  })
}

function withoutPlaces({ status, folders }: Making): RunStatus {
  if (status.state === 'running') return { ...status, note: withoutFolders(status.note, folders) }
  return statusForPage(status, 'finished' in status ? status.finished : 0, folders)
}

/** `20261123-044438-5f0c`: sorts by time, and two at once differ. */
const newProbeId = () =>
  `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${randomBytes(2).toString('hex')}`
