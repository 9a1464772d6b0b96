// The part of the contract that is about the workspace's atlases: made from the demo's pictures or a run, and read.
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import type { ModelSet } from '../../../shared/models/models.ts'
import type { RunSpec, RunState, RunStatus } from '../../../shared/run/run.ts'
import type { AtlasApi, AtlasEvents, AtlasRequest, WorkspaceAtlas } from '../../../shared/atlas/atlases.ts'
import type { SetSource } from '../../../shared/evaluation/measurements.ts'
import type { FindApi } from '../../../shared/atlas/find-clusters.ts'
import type { LabelApi } from '../../../shared/atlas/cluster-labels.ts'
import type { MapApi } from '../../../shared/atlas/atlas-map.ts'
import { compareAtlases, openAtlas, type Atlas } from '../../runs/atlas/atlas-read.ts'
import { demoFolder } from '../../model-set/resources.ts'
import {
  atlasFolder,
  atlasFromDisk,
  atlasId,
  atlasPicture,
  findAtlases,
  tokensFolder,
} from '../../workspace/atlases.ts'
import { setPath } from '../../workspace/image-sets.ts'
import { readRun, runFolder } from '../../records/workspace.ts'
import { statusWithoutFolders } from '../folders.ts'
import type { OpenModelSet } from '../models/models.ts'

export interface AtlasOptions {
  readonly workspace: string
  readonly enqueue: (id: string, spec: RunSpec) => void
  /** Stops any run of this process. */
  readonly cancel: (id: string) => Promise<void>
  readonly modelsInUse: () => OpenModelSet
  readonly events: Pick<AtlasEvents, 'atlasChanged'>
}

/** An atlas of this session: its runs one after another, tokens and then statistics. */
interface Making {
  /** What is left to queue. */
  readonly specs: RunSpec[]
  readonly folders: readonly string[]
  status: RunStatus
}

const PICTURES_AT_ONCE = 8
const isOpen = ({ state }: RunStatus) => state === 'queued' || state === 'running'
/** The run of an atlas in the queue; no run of the workspace has such an id. */
const queued = (id: string) => `atlas:${id}`

export function atlasCalls({ workspace, enqueue, cancel, modelsInUse, events }: AtlasOptions) {
  const makings = new Map<string, Making>()
  const opened = new Map<string, Promise<Atlas>>()

  const atlasOf = (id: string): Promise<Atlas> => {
    const open = opened.get(id) ?? openAtlas(atlasFolder(workspace, id))
    opened.set(id, open)
    open.catch(() => opened.delete(id))
    return open.catch(() => {
      throw new RequestError(`there is no finished atlas '${id}'`)
    })
  }
  const shown = async (id: string): Promise<WorkspaceAtlas> => {
    const making = makings.get(id)
    const found = await atlasFromDisk(workspace, id)
    if (!making || making.status.state === 'done') return found
    const { info: _, codebook: __, ...about } = found
    return { ...about, status: making.status }
  }
  const become = async (id: string, making: Making, status: RunStatus) => {
    making.status = statusWithoutFolders(status, making.folders)
    events.atlasChanged(await shown(id))
  }

  const calls: Omit<AtlasApi, keyof (MapApi & LabelApi & FindApi)> = {
    async listAtlases() {
      const found = await findAtlases(workspace)
      const ids = new Set([...makings.keys(), ...found.map(({ id }) => id)])
      const all = await Promise.all([...ids].map(shown))
      return all.sort((a, b) => Number(b.info !== undefined) - Number(a.info !== undefined))
    },
    async startAtlas(request) {
      const { fields, folders, hashes, library } = modelsInUse()
      const demo = demoFolder()
      const { tokens, source } = request
      const pictures = source.kind === 'set' ? await pictureFolder(workspace, source) : demo
      // Of any pictures but the demo's own the tokens are those of whatever is open.
      const id = atlasId(request, pictures, source.kind === 'set' ? tokenHashes(library) : hashes)
      if (makings.has(id) && isOpen(makings.get(id)!.status)) return id
      const dataset = tokensFolder(workspace, id)
      const choose = request.otherCodebook === undefined ? {} : { choose: codebookIn(library, request) }
      const models = source.kind === 'demo' ? { model: demo, ...choose } : fields
      const atlas: RunSpec = {
        kind: 'atlas',
        ...models,
        out: atlasFolder(workspace, id),
        device: 'auto',
        dataset,
        tokens,
        umap: false,
        seed: 0,
      }
      if (source.kind === 'demo' && !folders.includes(demo)) throw new RequestError('the demo is not open')
      if (source.kind === 'run') await refuseOtherModels(workspace, source.run, hashes)
      const tokenize: RunSpec =
        source.kind !== 'run'
          ? {
              kind: 'tokenize',
              ...models,
              out: dataset,
              device: 'auto',
              batchSize: PICTURES_AT_ONCE,
              weightBits: 32,
              images: [source.kind === 'demo' ? join(demo, 'images') : pictures],
            }
          : { kind: 'import-tokens', out: dataset, source: runFolder(workspace, source.run), tokens }
      opened.delete(id)
      makings.set(id, {
        specs: [atlas],
        folders: [
          ...folders,
          dirname(pictures),
          ...['atlases', 'tokens', 'runs'].map((name) => join(workspace, name)),
        ],
        status: { state: 'queued' },
      })
      enqueue(queued(id), tokenize)
      return id
    },
    async cancelAtlas(id) {
      const making = makings.get(id)
      if (!making || !isOpen(making.status)) return
      making.specs.length = 0
      await cancel(queued(id))
    },
    async readAtlas(id) {
      const { info, table } = await atlasOf(id)
      return { info, table: await table() }
    },
    readCluster: async (id, entry) => (await atlasOf(id)).entry(entry),
    async readExamples(id, entries, count) {
      const atlas = await atlasOf(id)
      return Promise.all(entries.map((entry) => atlas.examples(entry, 0, count)))
    },
    readAtlasPicture: async (id, image) => atlasPicture(await atlasOf(id), image),
    async readComparison(id, other) {
      const [a, b] = [await atlasOf(id), await atlasOf(other)]
      const usage = await compareAtlases(a, b)
      return { usage, info: b.info, cells: (await b.table()).cells }
    },
  }
  return {
    calls,
    open: atlasOf,
    forget: (id: string) => void opened.delete(id),
    /** Hears of every run of this process. */
    stateChanged({ id: run, status }: RunState): void {
      const id = run.startsWith('atlas:') ? run.slice('atlas:'.length) : ''
      const making = makings.get(id)
      if (!making) return
      const next = status.state === 'done' ? making.specs.shift() : undefined
      if (next) return enqueue(run, next)
      if (status.state === 'done') opened.delete(id)
      void become(id, making, status)
    },
  }
}

/** Throws RequestError where no open file is that codebook. */
function codebookIn(
  { files }: ModelSet,
  { otherCodebook = '', source, tokens }: AtlasRequest,
): { readonly codebook: string } {
  if (source.kind !== 'demo' || tokens !== 'discriminative')
    throw new RequestError('another codebook can be taken for the clusters of the demo alone')
  const file = files.find(
    ({ sha256, kind, problem }) =>
      kind === 'codebook' && problem === undefined && sha256.startsWith(otherCodebook),
  )
  if (!file) throw new RequestError(`no codebook '${otherCodebook}' is among the models`)
  return { codebook: file.path }
}

/** Throws RequestError for what is no folder (any more). */
async function pictureFolder(workspace: string, source: SetSource): Promise<string> {
  const path = await setPath(workspace, source)
  const info = await stat(path).catch(() => undefined)
  if (!info) throw new RequestError(`${basename(path)} is no longer there`)
  if (!info.isDirectory()) throw new RequestError(`${basename(path)} is no folder of pictures`)
  return path
}

/** sha256 of the models that make tokens of pictures. */
function tokenHashes({ files, set }: ModelSet): ReadonlySet<string> {
  const roles = (['encoder', 'codebook', 'vqgan'] as const).map((role) => set[role])
  return new Set(files.filter(({ id }) => roles.includes(id)).map(({ sha256 }) => sha256))
}

/** Tokens of one set of models mean nothing under another codebook. */
async function refuseOtherModels(workspace: string, run: string, hashes: ReadonlySet<string>): Promise<void> {
  const { images, made } = await readRun(workspace, run)
  if (images.length === 0) throw new RequestError(`run '${run}' has no finished images`)
  const missing = made?.models.filter(({ sha256 }) => !hashes.has(sha256)) ?? []
  if (missing.length > 0)
    throw new RequestError(
      `run '${run}' was made with models that are not open: ${missing.map(({ name }) => name).join(', ')}`,
    )
}
