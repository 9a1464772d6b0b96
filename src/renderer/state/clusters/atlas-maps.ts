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

export const startMap = (id: string) => attempt('Could not start UMAP', () => calls().startMap(id))
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
