// The part of the contract that is about the workspace's runs: started, resumed, kept, and removed from the library.
import { join } from 'node:path'
import type { EngineApi, ImageName } from '../../../shared/contract/api.ts'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import { RequestError } from '../../../shared/errors.ts'
import type { SampleSpec } from '../../../shared/run/run.ts'
import { claimRun, releaseRun, runHolder } from '../../records/run-owner.ts'
import { checkPictures, storePictures } from '../../inspect/source-pictures.ts'
import { findRuns, readRun, runFolder, saveRequest, type FoundRun } from '../../records/workspace.ts'
import { moveFromTrash, moveToTrash } from '../../workspace/trash.ts'
import type { KeptSpec } from '../../records/run-files.ts'
import { draftShelf } from './drafts.ts'
import { watchElsewhere } from './elsewhere.ts'
import { favouriteCalls } from './favourites.ts'
import { liveRuns } from './live-runs.ts'
import type { EngineContext } from '../context.ts'
import { newId } from '../new-id.ts'
import { specToResume } from './resume.ts'
import { imageCalls } from './images.ts'
import { runFromDisk } from './run-view.ts'

type RunCalls = Pick<
  EngineApi,
  'startSample' | 'startReconstruct' | 'cancelRun' | 'resumeRun' | 'keepRun' | 'removeRun' | 'restoreRun'
>

export interface WorkspaceOptions extends EngineContext {
  /** Stops a run that is not of the workspace. */
  readonly cancelOther: (id: string) => Promise<void>
}

export interface Workspace {
  readonly calls: RunCalls & ReturnType<typeof imageCalls> & Pick<EngineApi, 'setFavourite'>
  readonly runs: () => Promise<readonly WorkspaceRun[]>
  readonly favourites: () => Promise<readonly ImageName[]>
}

export function openWorkspace(options: WorkspaceOptions): Workspace {
  const { workspace, queue, modelsInUse, events, cancelOther } = options
  const live = liveRuns(workspace, queue, events)
  const favourites = favouriteCalls(workspace, events)
  const elsewhere = watchElsewhere(workspace, events)

  const take = async (id: string) => {
    if (live.isOpen(id)) throw new RequestError(`run '${id}': running or queued; cancel it first`)
    const folder = runFolder(workspace, id)
    await readRun(workspace, id)
    // Nobody may begin to work in a folder while it moves.
    await claimRun(folder, id)
    await releaseRun(folder)
    await moveToTrash(workspace, id)
    live.forget(id)
    events.runRemoved(id)
  }
  const drafts = draftShelf({
    async list() {
      const found = await findRuns(workspace)
      return found.filter(({ spec }) => isDraft(spec)).map(({ id }) => id)
    },
    isNeeded: async (id) => live.isOpen(id) || (await favourites.all()).some(({ run }) => run === id),
    take,
  })
  const show = async (run: FoundRun): Promise<WorkspaceRun> => {
    const here = live.shown(run.id)
    if (here) return here
    const holder = await runHolder(runFolder(workspace, run.id))
    if (holder) elsewhere.follow(run)
    return runFromDisk(run, holder)
  }
  const begin = async (id: string, spec: KeptSpec, started: string) => {
    const folders = [...modelsInUse().folders, join(workspace, 'runs')]
    await saveRequest(workspace, id, spec, started)
    await live.begin(id, { started, spec, finished: 0 }, folders)
    return id
  }
  const newRun = () => {
    const started = new Date().toISOString()
    const id = newId(started)
    return { id, started, out: runFolder(workspace, id) }
  }
  return {
    favourites: favourites.all,
    calls: {
      ...imageCalls(workspace),
      ...favourites.calls,
      async startSample(request) {
        const { fields } = modelsInUse()
        const { id, started, out } = newRun()
        const spec: SampleSpec = { kind: 'sample', ...request, ...fields, out, shards: 1, shard: 0 }
        await begin(id, spec, started)
        if (request.draft) await drafts.add(id)
        return id
      },
      async startReconstruct(request, names, pictures) {
        const { fields } = modelsInUse()
        if (names.length !== pictures.length)
          throw new RequestError(`found ${names.length} names for ${pictures.length} pictures`)
        await checkPictures(names, pictures)
        const { id, started, out } = newRun()
        const images = await storePictures(out, pictures)
        const sources = { images, names: [...names] }
        return begin(id, { kind: 'reconstruct', ...request, ...fields, ...sources, out }, started)
      },
      async cancelRun(id) {
        if (live.isOpen(id)) return live.cancel(id)
        const holder = await runHolder(runFolder(workspace, id))
        if (holder) throw new RequestError(`run '${id}': in use by ${holder.who}; cancel it there`)
        if (!live.shown(id)) await cancelOther(id)
      },
      async resumeRun(id) {
        if (live.isOpen(id)) throw new RequestError(`run '${id}': already running`)
        const found = await readRun(workspace, id)
        const shown = await show(found)
        const { spec, folders } = specToResume(found, shown, runFolder(workspace, id), modelsInUse())
        await live.begin(id, { started: found.started, spec, finished: found.images.length }, folders)
        await saveRequest(workspace, id, spec, found.started)
      },
      async keepRun(id) {
        const run = await readRun(workspace, id)
        if (run.spec?.kind !== 'sample' || !run.spec.draft) return
        const { draft: _, ...spec } = run.spec
        await saveRequest(workspace, id, spec, run.started)
        live.askedNow(id, spec)
        drafts.forget(id)
        events.runChanged(await show({ ...run, spec }))
      },
      async removeRun(id) {
        await take(id)
        drafts.forget(id)
      },
      async restoreRun(id) {
        await moveFromTrash(workspace, id)
        const run = await readRun(workspace, id)
        events.runChanged(await show(run))
        if (isDraft(run.spec)) await drafts.add(id)
      },
    },
    async runs() {
      const shown: WorkspaceRun[] = []
      for (const run of await findRuns(workspace)) shown.push(await show(run))
      return shown
    },
  }
}

const isDraft = (spec: KeptSpec | undefined) => spec?.kind === 'sample' && spec.draft === true
