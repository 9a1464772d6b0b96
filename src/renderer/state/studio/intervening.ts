// Interventions on a grid: replace one entry by another or by its neighbors, or copy in a region.
import { columnOf, rowOf } from '../../../shared/grid/shape.ts'
import { computed } from 'vue'
import type { ImageName } from '../../../shared/contract/api.ts'
import { copyCells, replaceBySurroundings, replaceEntry, type Shift } from '../../../shared/run/intervene.ts'
import { calls } from '../app/calls.ts'
import { countOf, type CellMask } from '../images/cells.ts'
import { changesOf, interventionOf, withTokens, type Why } from './edit.ts'
import { adjust, ifStillHere } from '../app/address.ts'
import { attempt } from '../app/problems.ts'
import { settings } from '../sample/settings.ts'
import { cursor, details, edit, grid, gridDetails, pinned, shape, step, tokensOf } from './studio.ts'
import { canEdit, startIntervention } from './studio-runs.ts'

/** Where to replace: everywhere, or only in the pinned cells. */
export type Where = 'everywhere' | 'pinned'

/** The entry at the selected cell, and its number of cells. */
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

/** Replaces the current grid in one undoable step. */
function put(next: Int32Array, why: Why): void {
  const [now, original] = [tokensOf(grid.value), gridDetails(grid.value)?.tokens]
  if (!now || !original) return
  const changed = Array.from(now.keys())
    .filter((cell) => next[cell] !== now[cell])
    .map((cell) => ({ cell, token: next[cell]!, original: original[cell]! }))
  if (changed.length > 0) step((edit) => withTokens(edit, grid.value, changed, why))
}
const region = (where: Where): CellMask | undefined => (where === 'pinned' ? pinned.value : undefined)

/** Replaces the selected entry by another. */
export function replaceBy(token: number, where: Where): void {
  const now = tokensOf(grid.value)
  if (now && entry.value) put(replaceEntry(now, entry.value.token, token, region(where)), { how: 'entry' })
}

/** Replaces the selected entry by its neighbors. */
export async function replaceByNeighbours(where: Where): Promise<void> {
  const [now, found] = [tokensOf(grid.value), entry.value]
  if (!now || !found) return
  const next = await attempt('Nothing was replaced', async () =>
    replaceBySurroundings(now, found.token, region(where)),
  )
  if (next) put(next, { how: 'surroundings' })
}

/** Offset that moves the top left of the pinned region to the selected cell. */
export const shiftToCursor = computed((): Shift | undefined => {
  if (cursor.value === undefined || countOf(pinned.value) === 0) return undefined
  const cells = Array.from(pinned.value.keys()).filter((cell) => pinned.value[cell] === 1)
  return {
    rows: rowOf(cursor.value, shape.value) - Math.min(...cells.map((cell) => rowOf(cell, shape.value))),
    columns:
      columnOf(cursor.value, shape.value) - Math.min(...cells.map((cell) => columnOf(cell, shape.value))),
  }
})

/** Copies another image's tokens of the pinned cells, to the same position or moved. */
export async function copyFrom(source: ImageName, shift?: Shift): Promise<void> {
  await attempt('Nothing was copied', async () => {
    const now = tokensOf(grid.value)
    const found = (await calls().readRecord(source.run, source.image))[grid.value]
    if (!found) throw new Error(`image ${source.image} of ${source.run} does not have this grid`)
    if (now) put(copyCells(now, found.tokens, pinned.value, shift), { how: 'copy', source })
  })
}

/** The changed tokens of the grid. */
export const changes = computed(() =>
  details.value && edit.value ? changesOf(details.value, edit.value, [grid.value]) : [],
)
export const canIntervene = computed(() => canEdit.value && changes.value.length > 0)

/** Decodes the original and the changed grid with the random numbers of the image, so that they differ only by the change. */
export async function intervene(): Promise<void> {
  if (!canIntervene.value || !details.value || !edit.value) return
  const { keepCodes } = settings.value
  const ifHere = ifStillHere()
  await startIntervention(
    interventionOf(details.value, edit.value, { grid: grid.value, keepCodes }),
    changes.value,
  )
  ifHere(() => adjust({ tab: 'interventions' }))
}
