// The part of the contract that is about the workspace: runs started there, runs found there, and their images.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineApi, EngineEvents, ImageEntry, WorkspaceRun } from '../../shared/api.ts'
import { RequestError } from '../../shared/errors.ts'
import type { RunState, RunStatus, SampleRequest, SampleSpec } from '../../shared/run.ts'
import { textToRecord } from '../runs/image-record.ts'
import { findRuns, imageName, readRun, runFolder, saveRequest, type FoundRun } from '../runs/workspace.ts'
import { withoutFolders } from './folders.ts'
import type { OpenLibrary } from './models.ts'

type WorkspaceCalls = Pick<EngineApi, 'startSample' | 'listImages' | 'readImage' | 'readRecord'>

export interface WorkspaceOptions {
  readonly workspace: string
  readonly enqueue: (id: string, spec: SampleSpec) => void
  readonly modelsInUse: () => OpenLibrary
  readonly events: Pick<EngineEvents, 'runChanged' | 'imageFinished'>
}

export interface Workspace {
  readonly calls: WorkspaceCalls
  readonly runs: () => Promise<readonly WorkspaceRun[]>
  /** Takes note of a run's state and tells the page, where the run is one of the workspace. */
  readonly stateChanged: (run: RunState) => void
  readonly imageFinished: (run: string, image: ImageEntry) => void
}

/** A run of this session. */
interface LiveRun {
  readonly started: string
  readonly request: SampleRequest
  readonly folders: readonly string[]
  status: RunStatus
  finished: number
}

export function openWorkspace({ workspace, enqueue, modelsInUse, events }: WorkspaceOptions): Workspace {
  const live = new Map<string, LiveRun>()

  const shown = (id: string, { started, request, status, finished, folders }: LiveRun): WorkspaceRun =>
    Object.freeze({ id, started, request, finished, status: statusForPage(status, folders) })

  const readPng = async (run: string, image: number): Promise<Uint8Array> => {
    const path = join(runFolder(workspace, run), 'images', imageName(image))
    try {
      return Uint8Array.from(await readFile(path))
    } catch (error) {
      throw new RequestError(`run '${run}' has no image ${image}`, { cause: error })
    }
  }
  return {
    calls: {
      async startSample(request) {
        const { fields, folders } = modelsInUse()
        const started = new Date().toISOString()
        const id = newRunId(started)
        const out = runFolder(workspace, id)
        const spec: SampleSpec = { kind: 'sample', ...request, ...fields, out, shards: 1, shard: 0 }
        await saveRequest(workspace, id, spec, started)
        live.set(id, {
          started,
          request,
          folders: [...folders, join(workspace, 'runs')],
          status: { state: 'queued' },
          finished: 0,
        })
        enqueue(id, spec)
        return id
      },
      async listImages(run) {
        const { images, spec } = await readRun(workspace, run)
        return images.map((image) => entryOf(image, spec))
      },
      readImage: readPng,
      async readRecord(run, image) {
        const {
          class: label,
          discriminative,
          codes,
          recipe,
        } = textToRecord(await readPng(run, image), `${run}/${imageName(image)}`)
        return {
          image,
          ...(typeof label === 'number' ? { class: label } : {}),
          ...(discriminative ? { discriminative } : {}),
          codes,
          recipe,
        }
      },
    },
    async runs() {
      const found = await findRuns(workspace)
      return found.map((run) => {
        const here = live.get(run.id)
        return here ? shown(run.id, here) : fromEarlier(run)
      })
    },
    stateChanged({ id, status }) {
      const run = live.get(id)
      if (!run) return
      run.status = status
      events.runChanged(shown(id, run))
    },
    imageFinished(id, image) {
      const run = live.get(id)
      if (!run) return
      run.finished++
      events.imageFinished(id, image)
    },
  }
}

/** `20261123-044438-5f0c`: sorts by time, and two at once differ. */
const newRunId = (started: string) =>
  `${started.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${randomBytes(2).toString('hex')}`

const entryOf = (image: number, spec: SampleSpec | undefined): ImageEntry =>
  spec && spec.classes.length > 0 ? { image, class: spec.classes[image % spec.classes.length]! } : { image }

/** A run of an earlier session has ended, however that came. */
function fromEarlier({ id, started, spec, images, problem }: FoundRun): WorkspaceRun {
  const finished = images.length
  if (problem) {
    const { name, message } = problem
    return { id, started, finished, status: { state: 'failed', finished, error: { name, message } } }
  }
  if (spec && finished < spec.count)
    return { id, started, finished, request: requestOf(spec), status: { state: 'cancelled', finished } }
  const status = { state: 'done', finished, summary: `${finished} images` } as const
  return { id, started, finished, status, ...(spec ? { request: requestOf(spec) } : {}) }
}

function requestOf(spec: SampleSpec): SampleRequest {
  const { kind: _kind, model: _model, choose: _choose, out: _out, shards: _n, shard: _i, ...request } = spec
  return request
}

function statusForPage(status: RunStatus, folders: readonly string[]): RunStatus {
  if (status.state === 'done') return { ...status, summary: withoutFolders(status.summary, folders) }
  if (status.state !== 'failed') return status
  const { name, message } = status.error
  return { ...status, error: { name, message: withoutFolders(message, folders) } }
}
