// What the studio changes about a grid on purpose: one entry by another, by what lies around it, a region copied in.
import { computed } from 'vue'
import type { ImageName } from '../../../shared/contract/api.ts'
import { copyCells, replaceBySurroundings, replaceEntry, type Shift } from '../../../shared/run/intervene.ts'
import { calls } from '../app/calls.ts'
import { CELLS, columnOf, countOf, rowOf, type CellMask } from '../images/cells.ts'
import { changesOf, interventionOf, withTokens, type Why } from './edit.ts'
import { adjust } from '../app/address.ts'
import { attempt } from '../app/problems.ts'
import { settings } from '../sample/settings.ts'
import { cursor, details, edit, grid, gridDetails, pinned, step, tokensOf } from './studio.ts'
import { canEdit, startIntervention } from './studio-runs.ts'

/** Where to replace: everywhere, or in the pinned cells alone. */
export type Where = 'everywhere' | 'pinned'

/** The entry at the cell looked at, and in how many cells it is. */
export const entry = computed(() => {
  const tokens = tokensOf(grid.value)
  const token = cursor.value === undefined ? undefined : tokens?.[cursor.value]
  if (!tokens || token === undefined) return undefined
  const isIn = (where: Where) => (_: number, cell: number) =>
    where === 'everywhere' || pinned.value[cell] === 1
  const count = (where: Where) =>
    tokens.reduce((sum, other, cell) => sum + Number(other === token && isIn(where)(other, cell)), 0)
  return { token, everywhere: count('everywhere'), pinned: count('pinned') }
})

/** Puts the grid in place of the one now, as one step that can be undone. */
function put(next: Int32Array, why: Why): void {
  const [now, original] = [tokensOf(grid.value), gridDetails(grid.value)?.tokens]
  if (!now || !original) return
  const changed = Array.from({ length: CELLS }, (_, cell) => cell)
    .filter((cell) => next[cell] !== now[cell])
    .map((cell) => ({ cell, token: next[cell]!, original: original[cell]! }))
  if (changed.length > 0) step((edit) => withTokens(edit, grid.value, changed, why))
}
const region = (where: Where): CellMask | undefined => (where === 'pinned' ? pinned.value : undefined)

/** Replaces the entry looked at by another. */
export function replaceBy(token: number, where: Where): void {
  const now = tokensOf(grid.value)
  if (now && entry.value) put(replaceEntry(now, entry.value.token, token, region(where)), { how: 'entry' })
}

/** Replaces the entry looked at by what lies around it. */
export async function replaceByNeighbours(where: Where): Promise<void> {
  const [now, found] = [tokensOf(grid.value), entry.value]
  if (!now || !found) return
  const next = await attempt('Nothing was replaced', async () =>
    replaceBySurroundings(now, found.token, region(where)),
  )
  if (next) put(next, { how: 'surroundings' })
}

/** How far the pinned region moves so that its top left comes to the cell looked at. */
export const shiftToCursor = computed((): Shift | undefined => {
  if (cursor.value === undefined || countOf(pinned.value) === 0) return undefined
  const cells = Array.from(pinned.value.keys()).filter((cell) => pinned.value[cell] === 1)
  return {
    rows: rowOf(cursor.value) - Math.min(...cells.map(rowOf)),
    columns: columnOf(cursor.value) - Math.min(...cells.map(columnOf)),
  }
})

/** Copies the tokens that another image has in the pinned cells to the same place, or moved. */
export async function copyFrom(source: ImageName, shift?: Shift): Promise<void> {
  await attempt('Nothing was copied', async () => {
    const now = tokensOf(grid.value)
    const found = (await calls().readRecord(source.run, source.image))[grid.value]
    if (!found) throw new Error(`image ${source.image} of ${source.run} does not have this grid`)
    if (now) put(copyCells(now, found.tokens, pinned.value, shift), { how: 'copy', source })
  })
}

/** The tokens of the grid that are not as they were. */
export const changes = computed(() =>
  details.value && edit.value ? changesOf(details.value, edit.value, [grid.value]) : [],
)
export const canIntervene = computed(() => canEdit.value && changes.value.length > 0)

/** Decodes the original and the changed grid with the same random numbers, so that they differ by the change alone. */
export async function intervene(): Promise<void> {
  if (!canIntervene.value || !details.value || !edit.value) return
  const { keepCodes } = settings.value
  await startIntervention(
    interventionOf(details.value, edit.value, { grid: grid.value, keepCodes }),
    changes.value,
  )
  adjust({ tab: 'interventions' })
}
