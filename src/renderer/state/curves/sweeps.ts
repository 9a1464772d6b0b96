// Sweeps of the workspace: listed at every connection, updated by events, started, stopped and removed.
import { FAMILIES } from '../../../shared/generators/families.ts'
import { computed, shallowRef } from 'vue'
import type { SweepPoint, WorkspaceSweep } from '../../../shared/sweep/sweeps.ts'
import { acrossWords } from '../../../shared/figures/curves.ts'
import { address, go } from '../app/address.ts'
import { asking } from '../app/asking.ts'
import { calls } from '../app/calls.ts'
import { notify } from '../app/notices.ts'
import { attempt, attemptAgain } from '../app/problems.ts'
import { timeWords } from '../app/words.ts'

/** Newest first; undefined until listed. */
export const sweeps = shallowRef<readonly WorkspaceSweep[]>()

/** Polling interval for a sweep owned by another process. */
const LOOK_MS = 3000
const points = asking(16, async (id: string): Promise<readonly SweepPoint[]> => {
  const contents = await calls().readSweep(id)
  putSweep(contents.sweep)
  return contents.points
})

export const sweepOf = (id: string | undefined) => sweeps.value?.find((sweep) => sweep.id === id)
/** The cells of a sweep in the order they are sampled. */
export const pointsOf = (id: string) => points.of(id)
export const isSweepOpen = ({ status }: WorkspaceSweep) =>
  status.state === 'queued' || status.state === 'running'
export const openSweeps = computed(() => (sweeps.value ?? []).filter(isSweepOpen))

/** Updates a sweep. */
export function putSweep(sweep: WorkspaceSweep): void {
  const before = sweepOf(sweep.id)
  const others = (sweeps.value ?? []).filter(({ id }) => id !== sweep.id)
  sweeps.value = [Object.freeze(sweep), ...others].sort((a, b) => (a.started < b.started ? 1 : -1))
  // The sweep has new cells: they have no event of their own until they are sampled.
  if (before && before.cells !== sweep.cells) points.forget(sweep.id)
}

/** Updates a finished cell. */
export function putPoint(id: string, point: SweepPoint): void {
  points.put(id, (all) => all.map((other) => (other.run === point.run ? point : other)))
}

export function dropSweep(id: string): void {
  sweeps.value = sweeps.value?.filter((sweep) => sweep.id !== id)
  points.forget(id)
}

export async function refetchSweeps(): Promise<void> {
  const found = await attemptAgain('Could not list the sweeps', () => calls().listSweeps())
  if (!found) return
  sweeps.value = Object.freeze(found)
  points.again()
  if (found.some(({ elsewhere }) => elsewhere)) setTimeout(() => void refetchSweeps(), LOOK_MS)
}

export const stopSweep = (id: string) => attempt('Could not stop the sweep', () => calls().cancelSweep(id))
export const resumeSweep = (id: string) =>
  attempt('Could not resume the sweep', () => calls().resumeSweep(id))

/** Removes a sweep; the notice offers undo. */
export async function removeSweep(sweep: WorkspaceSweep): Promise<void> {
  const done = await attempt('Could not remove the sweep', async () => {
    await calls().removeSweep(sweep.id)
    return true
  })
  if (!done) return
  if (address.value.run === sweep.id) go({ page: 'curves', query: {} })
  notify(`Removed ${sweepTitle(sweep)}`, {
    text: 'Undo',
    press: () => void attempt('Could not restore the sweep', () => calls().restoreSweep(sweep.id)),
  })
}

/** `temperature × top-k`. */
export const sweepTitle = ({ axes, base }: WorkspaceSweep): string => {
  const words = axes.map(({ name }) => acrossWords(name).toLowerCase()).join(' × ')
  const drawn = base.generator ? ` · ${FAMILIES[base.generator.family].title}` : ''
  return words.charAt(0).toUpperCase() + words.slice(1) + drawn
}

/** `Temperature · 6 points · 14:05`. */
export const sweepWords = (sweep: WorkspaceSweep): string =>
  [sweepTitle(sweep), `${sweep.cells} points`, timeWords(sweep.started)].join(' · ')
