// Polls runs owned by another process until they are free, so that a page can show progress.
import { join } from 'node:path'
import type { EngineEvents } from '../../../shared/contract/api.ts'
import { RunIdSchema } from '../../../shared/run/run.ts'
import { subfolders } from '../../bytes/index.ts'
import { runHolder } from '../../records/run-owner.ts'
import { readRun, runFolder, type FoundRun } from '../../records/workspace.ts'
import { runFromDisk } from './run-view.ts'

const LOOK_MS = 2000
/** Between two searches for runs that another process has taken: two names are looked up in the folder of each. */
const SEARCH_MS = 10_000

export interface Elsewhere {
  /** Follows a run until it is free. */
  follow(run: FoundRun): void
  /** Searches from now on; `isHere` says which runs are those of this process, `taken` forgets one. */
  search(isHere: (id: string) => boolean, taken: (id: string) => void): void
}

export function watchElsewhere(
  workspace: string,
  { runChanged, imageFinished }: Pick<EngineEvents, 'runChanged' | 'imageFinished'>,
  searchMs = SEARCH_MS,
): Elsewhere {
  /** Number of images reported for each. */
  const followed = new Map<string, ReadonlySet<number>>()

  const look = async (id: string, known: ReadonlySet<number>) => {
    const run = await readRun(workspace, id)
    const holder = await runHolder(runFolder(workspace, id))
    if (holder) followed.set(id, new Set(run.images))
    else followed.delete(id)
    const more = run.images.filter((image) => !known.has(image))
    for (const image of more) imageFinished(id, { image, ...classOf(run, image) })
    if (more.length > 0 || !holder) runChanged(runFromDisk(run, holder))
  }
  const lookAll = async () => {
    // The removal of a run is reported by whoever removed it.
    for (const [id, known] of followed) await look(id, known).catch(() => followed.delete(id))
    if (followed.size > 0) wait()
  }
  const wait = () => setTimeout(() => void lookAll(), LOOK_MS).unref()
  const follow = ({ id, images }: FoundRun) => {
    if (followed.has(id)) return
    followed.set(id, new Set(images))
    if (followed.size === 1) wait()
  }
  let searching: NodeJS.Timeout | undefined
  return {
    follow,
    search(isHere, taken) {
      if (searching) return
      const searchAll = async () => {
        const ids = await subfolders(join(workspace, 'runs')).catch(() => [])
        for (const id of ids.filter((id) => RunIdSchema.safeParse(id).success)) {
          if (isHere(id) || followed.has(id)) continue
          const holder = await runHolder(runFolder(workspace, id)).catch(() => undefined)
          if (!holder || isHere(id)) continue
          const run = await readRun(workspace, id).catch(() => undefined)
          if (!run) continue
          taken(id)
          follow(run)
          runChanged(runFromDisk(run, holder))
        }
        again()
      }
      const again = () => {
        searching = setTimeout(() => void searchAll(), searchMs).unref()
      }
      again()
    },
  }
}

function classOf({ spec }: FoundRun, image: number): { class?: number } {
  const classes = spec?.kind === 'sample' ? spec.classes : []
  return classes.length > 0 ? { class: classes[image % classes.length]! } : {}
}
