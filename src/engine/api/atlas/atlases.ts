// The part of the contract for atlases of the workspace: made from pictures or a run, and read.
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import type { AtlasApi, AtlasRequest, WorkspaceAtlas } from '../../../shared/atlas/atlases.ts'
import type { FindApi } from '../../../shared/atlas/find-clusters.ts'
import type { LabelApi } from '../../../shared/atlas/cluster-labels.ts'
import type { MapApi } from '../../../shared/atlas/atlas-map.ts'
import { compareAtlases, openAtlas, type Atlas } from '../../runs/atlas/atlas-read.ts'
import { demoFolder } from '../../model-set/resources.ts'
import { atlasFolder, atlasFromDisk, atlasId, atlasPicture, findAtlases } from '../../workspace/atlases.ts'
import { setPath } from '../../workspace/image-sets.ts'
import { readRun } from '../../records/workspace.ts'
import type { EngineContext } from '../context.ts'
import { jobsOf, type Step } from '../jobs.ts'
import type { OpenModelSet } from '../models/models.ts'
import { atlasSpecs, otherFile, tokenHashes } from './atlas-specs.ts'

export function atlasCalls({ workspace, queue, places, openJobs, modelsInUse, events }: EngineContext) {
  const atlases = openAtlases(workspace)
  const show = async (id: string): Promise<WorkspaceAtlas> => {
    const found = await atlasFromDisk(workspace, id)
    const status = jobs.get(id)?.status
    if (!status || status.state === 'done') return found
    const { info: _, codebook: __, ...about } = found
    return { ...about, status }
  }
  const jobs = jobsOf<AtlasRequest, WorkspaceAtlas>({
    noun: 'atlas',
    line: queue.line,
    later: { open: openJobs, call: ({ subject }) => ({ call: 'startAtlas', args: [subject] }) },
    show,
    changed: events.atlasChanged,
  })
  const calls: Omit<AtlasApi, keyof (MapApi & LabelApi & FindApi)> = {
    async listAtlases() {
      const all = await jobs.list((await findAtlases(workspace)).map(({ id }) => id))
      return all.sort((a, b) => Number(b.info !== undefined) - Number(a.info !== undefined))
    },
    async startAtlas(request, where) {
      const models = modelsInUse()
      const pictures = await pictureFolder(workspace, request)
      const other = otherFile(models.modelSet, request)
      // For pictures other than the demo's, the tokens come from the open models.
      const hashes = request.source.kind === 'set' ? tokenHashes(models.modelSet, other) : models.hashes
      const id = atlasId(request, pictures, hashes)
      if (jobs.isOpen(id)) return id
      await refuseOtherModels(workspace, request, models)
      const [tokenize, atlas] = atlasSpecs(workspace, id, request, { ...models, other, pictures })
      atlases.forget(id)
      const { steps, line } = await places.place([tokenize, atlas], where)
      const forgotten =
        (step: Step): Step =>
        (callbacks) =>
          step(callbacks).finally(() => atlases.forget(id))
      const placed = { steps: steps.map(forgotten), ...(line ? { line } : {}) }
      const hidden = [
        ...models.folders,
        dirname(pictures),
        ...['atlases', 'tokens', 'runs'].map((name) => join(workspace, name)),
      ]
      if (!jobs.isOpen(id)) await jobs.start(id, { subject: request, ...placed, hidden })
      return id
    },
    cancelAtlas: jobs.cancel,
    async readAtlas(id) {
      const { info, table } = await atlases.open(id)
      return { info, table: await table() }
    },
    readCluster: async (id, entry) => (await atlases.open(id)).entry(entry),
    async readExamples(id, entries, count) {
      const atlas = await atlases.open(id)
      return Promise.all(entries.map((entry) => atlas.examples(entry, 0, count)))
    },
    readAtlasPicture: async (id, image) => atlasPicture(await atlases.open(id), image),
    async readComparison(id, other) {
      const [a, b] = [await atlases.open(id), await atlases.open(other)]
      const usage = await compareAtlases(a, b)
      return { usage, info: b.info, cells: (await b.table()).cells }
    },
  }
  return { calls, open: atlases.open, forget: atlases.forget }
}

/** Finished atlases that stay open. */
function openAtlases(workspace: string) {
  const opened = new Map<string, Promise<Atlas>>()
  return {
    open(id: string): Promise<Atlas> {
      const open = opened.get(id) ?? openAtlas(atlasFolder(workspace, id))
      opened.set(id, open)
      open.catch(() => opened.delete(id))
      return open.catch(() => {
        throw new RequestError(`atlas '${id}': not found or not finished`)
      })
    },
    /** For an atlas that has changed on disk. */
    forget: (id: string) => void opened.delete(id),
  }
}

/** Folder of the pictures: the demo's folder if it is not a set. Throws RequestError if it is not a folder (any more). */
async function pictureFolder(workspace: string, { source }: AtlasRequest): Promise<string> {
  if (source.kind !== 'set') return demoFolder()
  const path = await setPath(workspace, source)
  const info = await stat(path).catch(() => undefined)
  if (!info) throw new RequestError(`${basename(path)}: no longer exists`)
  if (!info.isDirectory()) throw new RequestError(`${basename(path)}: not a folder of pictures`)
  return path
}

/**
 * Tokens of one set of models are meaningless with another codebook. Throws RequestError if the models are
 * not open.
 */
async function refuseOtherModels(
  workspace: string,
  { source }: AtlasRequest,
  { folders, hashes }: OpenModelSet,
): Promise<void> {
  if (source.kind === 'demo' && !folders.includes(demoFolder()))
    throw new RequestError('the demo models are not open')
  if (source.kind !== 'run') return
  const { images, made } = await readRun(workspace, source.run)
  if (images.length === 0) throw new RequestError(`run '${source.run}': no finished images`)
  const missing = made?.models.filter(({ sha256 }) => !hashes.has(sha256)) ?? []
  if (missing.length > 0)
    throw new RequestError(
      `run '${source.run}': made with models that are not open: ${missing.map(({ name }) => name).join(', ')}`,
    )
}
