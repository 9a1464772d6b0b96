// The finished images of runs: listed when a view first needs them, then updated by events.
import { shallowReactive } from 'vue'
import type { ImageEntry } from '../../../shared/contract/api.ts'
import { calls } from '../app/calls.ts'
import { attemptAgain } from '../app/problems.ts'

const lists = shallowReactive(new Map<string, readonly ImageEntry[]>())
const asked = new Set<string>()

/** The finished images of a run in order; undefined while loading. */
export function imagesOf(run: string): readonly ImageEntry[] | undefined {
  if (!asked.has(run)) {
    asked.add(run)
    void list(run)
  }
  return lists.get(run)
}

/** Adds a finished image; runs that no view has listed are ignored. */
export function addImage(run: string, entry: ImageEntry): void {
  const list = lists.get(run)
  if (!list || list.some(({ image }) => image === entry.image)) return
  const at = list.findLastIndex(({ image }) => image < entry.image) + 1
  lists.set(run, Object.freeze([...list.slice(0, at), entry, ...list.slice(at)]))
}

/** After a reconnect: listed runs may have grown. */
export function refetchImages(): void {
  for (const run of asked) void list(run)
}

/** Of a run, or of the cells of a sweep or verdict, that came back from the trash: nothing could be listed there. */
export function relistImages(id: string): void {
  for (const run of asked) if (run === id || run.startsWith(`${id}@`)) void list(run)
}

async function list(run: string): Promise<void> {
  const found = await attemptAgain(`Could not list the images of run ${run}`, () => calls().listImages(run))
  if (!found) return void lists.set(run, lists.get(run) ?? Object.freeze([]))
  // Events may have added more while the list was loading.
  const numbers = new Set(found.map(({ image }) => image))
  const more = (lists.get(run) ?? []).filter(({ image }) => !numbers.has(image))
  lists.set(run, Object.freeze([...found, ...more].sort((a, b) => a.image - b.image)))
}
