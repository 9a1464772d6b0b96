// The contents of the trash, while its dialog is open.
import { shallowRef } from 'vue'
import type { Trashed } from '../../../shared/run/trash.ts'
import { calls } from '../app/calls.ts'
import { attempt } from '../app/problems.ts'

export const trashShown = shallowRef(false)
/** Undefined until loaded. */
export const trashed = shallowRef<readonly Trashed[]>()

let newest = 0

export async function openTrash(): Promise<void> {
  trashed.value = undefined
  trashShown.value = true
  await list()
}

/** Lists the trash again if it is shown: something was removed, restored or deleted, here or elsewhere. */
export async function trashChanged(): Promise<void> {
  if (trashShown.value) await list()
}

export async function bringBack({ id, kind }: Trashed): Promise<void> {
  const restore = {
    run: () => calls().restoreRun(id),
    sweep: () => calls().restoreSweep(id),
    verdict: () => calls().restoreVerdict(id),
  }
  await attempt('Could not restore it', restore[kind])
  await list()
}

/** Deletes everything listed; items added since are kept. */
export async function emptyTrash(): Promise<void> {
  const ids = trashed.value?.map(({ id }) => id) ?? []
  await attempt('Could not delete everything', () => calls().deleteTrashed(ids))
  await list()
}

async function list(): Promise<void> {
  const mine = ++newest
  const found = await attempt('Could not list the trash', () => calls().listTrash())
  if (mine !== newest) return
  trashed.value = found
  // A trash that could not be read is not an empty one.
  if (!found) trashShown.value = false
}
