// The second map of an atlas: UMAP, started on request, followed by events, read when finished.
import { shallowReactive } from 'vue'
import type { RunStatus } from '../../../shared/run/run.ts'
import type { AtlasMap } from '../../../shared/atlas/atlas-map.ts'
import { asking, type Asked } from '../app/asking.ts'
import { calls } from '../app/calls.ts'
import { attempt } from '../app/problems.ts'

const maps = asking(4, async (key) => {
  const id = key.slice(0, -1)
  const map = await calls().readMap(id)
  if (map.status) statuses.set(id, map.status)
  return map
})
const statuses = shallowReactive(new Map<string, RunStatus>())

export const mapOf = (id: string): Asked<AtlasMap> => maps.of(`${id}/`)
/** Its status; undefined if it was not requested since the engine started. */
export const mapStatusOf = (id: string): RunStatus | undefined => statuses.get(id)

/** Shown as queued at once, so that no page offers to start what is already starting. */
export async function startMap(id: string): Promise<void> {
  const asked: RunStatus = { state: 'queued' }
  statuses.set(id, asked)
  await attempt('Could not start UMAP', () => calls().startMap(id))
  // No event came: it failed to start, or there was nothing to do.
  if (statuses.get(id) === asked) statuses.delete(id)
}
export const stopMap = (id: string) => attempt('Could not stop UMAP', () => calls().cancelMap(id))

export function mapChanged(id: string, status: RunStatus): void {
  statuses.set(id, status)
  if (status.state === 'done') maps.forget(`${id}/`)
}

/** After a reconnect: the engine may have restarted; read the current status from it. */
export function retryMaps(): void {
  statuses.clear()
  maps.forget('')
}
