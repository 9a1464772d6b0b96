// Runs that another process works on: looked at again and again until they are free, so that a page sees them grow.
import type { EngineEvents } from '../../../shared/contract/api.ts'
import { runHolder } from '../../records/run-owner.ts'
import { readRun, runFolder, type FoundRun } from '../../records/workspace.ts'
import { runFromDisk } from './run-view.ts'

const LOOK_MS = 2000

/** Gives the function that follows a run; it stops by itself. */
export function watchElsewhere(
  workspace: string,
  { runChanged, imageFinished }: Pick<EngineEvents, 'runChanged' | 'imageFinished'>,
): { follow(run: FoundRun): void } {
  /** Images of each that were told of. */
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
    // A run that was taken away meanwhile is told of by whoever took it.
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
