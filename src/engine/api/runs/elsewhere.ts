// Polls runs owned by another process until they are free, so that a page can show progress.
import type { EngineEvents } from '../../../shared/contract/api.ts'
import { runHolder } from '../../records/run-owner.ts'
import { readRun, runFolder, type FoundRun } from '../../records/workspace.ts'
import { runFromDisk } from './run-view.ts'

const LOOK_MS = 2000

/** Returns the function that follows a run; it stops automatically. */
export function watchElsewhere(
  workspace: string,
  { runChanged, imageFinished }: Pick<EngineEvents, 'runChanged' | 'imageFinished'>,
): { follow(run: FoundRun): void } {
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
  return {
    follow({ id, images }) {
      if (followed.has(id)) return
      followed.set(id, new Set(images))
      if (followed.size === 1) wait()
    },
  }
}

function classOf({ spec }: FoundRun, image: number): { class?: number } {
  const classes = spec?.kind === 'sample' ? spec.classes : []
  return classes.length > 0 ? { class: classes[image % classes.length]! } : {}
}
