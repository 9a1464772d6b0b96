// The part of the contract that lays codebooks out by UMAP, beside whatever runs are at work.
import type { MapApi, MapEvents } from '../../../shared/atlas/atlas-map.ts'
import type { RunStatus } from '../../../shared/run/run.ts'
import type { Atlas } from '../../runs/atlas/atlas-read.ts'
import { addUmap, layOutApart } from '../../runs/atlas/atlas-umap.ts'
import { atlasFolder } from '../../workspace/atlases.ts'
import { withoutFolders } from '../folders.ts'

export interface MapOptions {
  readonly workspace: string
  readonly openAtlas: (id: string) => Promise<Atlas>
  /** Forgets an atlas that has changed on disk. */
  readonly forget: (id: string) => void
  /** File of the thread it is computed in. @default computed in this process */
  readonly worker?: URL | undefined
  readonly events: MapEvents
}

const SEED = 0
/** Between two events. */
const TELL_MS = 100

export function mapCalls({ workspace, openAtlas, forget, worker, events }: MapOptions): MapApi {
  const works = new Map<string, { readonly controller: AbortController; status: RunStatus }>()
  const isOpen = (id: string) => works.get(id)?.status.state === 'running'

  const work = async (id: string) => {
    const controller = new AbortController()
    const { signal } = controller
    const own = { controller, status: { state: 'running', step: 0, of: 1, note: 'UMAP' } as RunStatus }
    works.set(id, own)
    const become = (status: RunStatus) => events.atlasMapChanged(id, (own.status = status))
    let told = -Infinity
    const progress = (step: number, of: number, note: string) => {
      own.status = { state: 'running', step, of, note }
      if (performance.now() - told < TELL_MS) return
      told = performance.now()
      become(own.status)
    }
    become(own.status)
    try {
      const layOut = worker && layOutApart(worker)
      await addUmap(atlasFolder(workspace, id), SEED, { progress, signal }, layOut)
      forget(id)
      become({ state: 'done', finished: 1, summary: 'UMAP' })
    } catch (error) {
      const { name, message } = error as Error
      if (signal.aborted) become({ state: 'cancelled', finished: 0 })
      else
        become({
          state: 'failed',
          finished: 0,
          error: { name, message: withoutFolders(message, [workspace]) },
        })
    }
  }
  return {
    async readMap(id) {
      const plane = (await (await openAtlas(id)).table()).umap
      const status = works.get(id)?.status
      return { ...(plane ? { plane } : {}), ...(status ? { status } : {}) }
    },
    async startMap(id) {
      const { info } = await openAtlas(id)
      if (!info.umap && !isOpen(id)) void work(id)
    },
    async cancelMap(id) {
      works.get(id)?.controller.abort(new Error('cancelled'))
    },
  }
}
