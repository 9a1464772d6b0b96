// The part of the contract that queues runs of the workspace, resumes and cancels them.
import { basename, join } from 'node:path'
import type { EngineApi } from '../../../shared/contract/api.ts'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import { RequestError } from '../../../shared/errors.ts'
import type { Where } from '../../../shared/slurm/submission.ts'
import type { SampleSpec } from '../../../shared/run/run.ts'
import { runHolder, runInUse } from '../../records/run-owner.ts'
import { checkPictures, storePictures } from '../../inspect/source-pictures.ts'
import { listPictures } from '../../tokenizer/picture-list.ts'
import { setPath } from '../../workspace/image-sets.ts'
import { readRun, runFolder, saveRequest, type FoundRun } from '../../records/workspace.ts'
import type { KeptSpec } from '../../records/run-files.ts'
import type { EngineContext } from '../context.ts'
import { newId } from '../new-id.ts'
import type { LiveRuns } from './live-runs.ts'
import { specToResume } from './resume.ts'

export type StartCalls = Pick<
  EngineApi,
  'startSample' | 'startReconstruct' | 'startReconstructSet' | 'cancelRun' | 'resumeRun'
>

export interface StartOptions extends Pick<EngineContext, 'workspace' | 'modelsInUse'> {
  readonly live: LiveRuns
  readonly show: (run: FoundRun) => Promise<WorkspaceRun>
  /** Cancels a run outside the workspace. */
  readonly cancelOther: (id: string) => Promise<void>
  /** A draft was started. */
  readonly drafted: (id: string) => Promise<void>
}

export function startCalls(options: StartOptions): StartCalls {
  const { workspace, modelsInUse, live, show, cancelOther, drafted } = options
  const begin = async (id: string, spec: KeptSpec, started: string, where: Where = null) => {
    const folders = [...modelsInUse().folders, join(workspace, 'runs')]
    await saveRequest(workspace, id, spec, started)
    await live.begin(id, { started, spec, finished: 0 }, folders, where)
    return id
  }
  const newRun = () => {
    const started = new Date().toISOString()
    const id = newId(started)
    return { id, started, out: runFolder(workspace, id) }
  }
  return {
    async startSample(request, where = null) {
      const { fields } = modelsInUse()
      const { id, started, out } = newRun()
      const spec: SampleSpec = { kind: 'sample', ...request, ...fields, out, shards: 1, shard: 0 }
      await begin(id, spec, started, where)
      if (request.draft) await drafted(id)
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
    async startReconstructSet(request, source) {
      const { fields } = modelsInUse()
      const { pictures } = await listPictures([await setPath(workspace, source)])
      const { id, started, out } = newRun()
      const names = pictures.map((picture) => basename(picture))
      return begin(
        id,
        { kind: 'reconstruct', ...request, ...fields, images: [...pictures], names, out },
        started,
      )
    },
    async cancelRun(id) {
      if (live.isOpen(id)) return live.cancel(id)
      const holder = await runHolder(runFolder(workspace, id))
      if (holder) throw new RequestError(runInUse(id, holder, 'cancel it there'))
      if (!live.shown(id)) await cancelOther(id)
    },
    async resumeRun(id) {
      if (live.isOpen(id)) throw new RequestError(`run '${id}': already running`)
      const found = await readRun(workspace, id)
      const shown = await show(found)
      const { spec, folders } = specToResume(found, shown, runFolder(workspace, id), modelsInUse())
      const { started, name, images } = found
      await live.begin(id, { started, name, spec, finished: images.length }, folders)
      await saveRequest(workspace, id, spec, started)
    },
  }
}
