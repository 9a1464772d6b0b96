// The part of the contract for UMAP layouts: jobs that do not wait in the queue.
import type { MapApi } from '../../../shared/atlas/atlas-map.ts'
import type { RunStatus } from '../../../shared/run/run.ts'
import type { Atlas } from '../../runs/atlas/atlas-read.ts'
import { addUmap, layOutApart } from '../../runs/atlas/atlas-umap.ts'
import { atlasFolder } from '../../workspace/atlases.ts'
import type { EngineContext } from '../context.ts'
import { atOnce, jobsOf, type Step } from '../jobs.ts'

export interface MapOptions extends Pick<EngineContext, 'workspace' | 'openJobs' | 'events'> {
  readonly openAtlas: (id: string) => Promise<Atlas>
  /** Forgets an atlas that has changed on disk. */
  readonly forget: (id: string) => void
  /** File of the thread that computes it. @default computed in this process */
  readonly worker?: URL | undefined
}

const SEED = 0
const PROGRESS_MS = 100

export function mapCalls({ workspace, openJobs, events, openAtlas, forget, worker }: MapOptions): MapApi {
  const jobs = jobsOf<undefined, RunStatus>({
    noun: 'map',
    line: atOnce,
    later: { open: openJobs, call: ({ id }) => ({ call: 'startMap', args: [id] }) },
    show: (_, job) => job!.status,
    changed: (status, { id }) => events.atlasMapChanged(id, status),
    progressMs: PROGRESS_MS,
  })
  const layOut =
    (id: string): Step =>
    async (callbacks) => {
      callbacks.progress(0, 1, 'UMAP')
      await addUmap(atlasFolder(workspace, id), SEED, callbacks, worker && layOutApart(worker))
      forget(id)
      return { finished: 1, summary: 'UMAP' }
    }
  return {
    async readMap(id) {
      const plane = (await (await openAtlas(id)).table()).umap
      const status = jobs.get(id)?.status
      return { ...(plane ? { plane } : {}), ...(status ? { status } : {}) }
    },
    async startMap(id) {
      const { info } = await openAtlas(id)
      if (info.umap || jobs.isOpen(id)) return
      await jobs.start(id, { subject: undefined, steps: [layOut(id)], hidden: [workspace] })
    },
    cancelMap: jobs.cancel,
  }
}
