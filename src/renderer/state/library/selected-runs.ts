// The Library's selected runs: one in the address, and those that were added to it in its query.
import { computed } from 'vue'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import { address, go } from '../app/address.ts'
import { runOf } from '../sample/runs.ts'

/** How a run is selected: alone, in addition or no longer, or with all from the last one to it. */
export type Selecting = 'alone' | 'toggle' | 'range'

/** Ids in the order of selection; runs that are gone are left out. */
const selected = computed((): readonly string[] => {
  const { run, query } = address.value
  const ids = run === undefined ? [] : [run, ...(query.with?.split(',') ?? [])]
  return [...new Set(ids)].filter((id) => runOf(id) !== undefined)
})
export const selectedRuns = computed((): readonly WorkspaceRun[] =>
  selected.value.flatMap((id) => runOf(id) ?? []),
)
export const isSelected = (id: string): boolean => selected.value.includes(id)

/** Selects a run of the list `ids`; undefined selects none, which shows all. */
export function select(id: string | undefined, how: Selecting = 'alone', ids: readonly string[] = []): void {
  if (id === undefined || how === 'alone') return show(id === undefined ? [] : [id])
  if (how === 'toggle')
    return show(isSelected(id) ? selected.value.filter((other) => other !== id) : [...selected.value, id])
  const last = ids.indexOf(selected.value.at(-1) ?? id)
  const here = ids.indexOf(id)
  const from = last < 0 ? here : last
  const between = ids.slice(Math.min(from, here), Math.max(from, here) + 1)
  show([...new Set([...selected.value, ...(from > here ? between.reverse() : between)])])
}

function show([run, ...others]: readonly string[]): void {
  const { with: _, ...query } = address.value.query
  const more = others.length > 0 ? { with: others.join(',') } : {}
  go({ page: 'library', query: { ...query, ...more }, ...(run === undefined ? {} : { run }) })
}
