// Studio actions on pins and tokens, with undo.
import { movedIn } from '../models/grid-in-use.ts'
import { computed } from 'vue'
import { adjust } from '../app/address.ts'
import {
  allCells,
  cellsWhere,
  inverted,
  joined,
  noCells,
  sameRow,
  sameToken,
  type CellMask,
} from '../images/cells.ts'
import { withPins, withToken } from './edit.ts'
import { historyOf, redoEdit, undoEdit } from './edits.ts'
import {
  cursor,
  details,
  grid,
  gridDetails,
  lookAt,
  opened,
  pinned,
  shape,
  step,
  tokensOf,
} from './studio.ts'

const pin = (cells: CellMask): void => step((now) => withPins(now, grid.value, cells))

/** Pins or unpins the selected cell. */
export function togglePin(): void {
  const at = cursor.value
  if (at !== undefined)
    pin(
      joined(
        pinned.value,
        cellsWhere(shape.value, (cell) => cell === at),
        pinned.value[at] ? 'remove' : 'add',
      ),
    )
}
const pinLike = (cells: (cell: number) => CellMask) => (): void => {
  if (cursor.value !== undefined) pin(joined(pinned.value, cells(cursor.value), 'add'))
}

export interface Selection {
  readonly text: string
  readonly key: string
  readonly what: string
  readonly needsCell: boolean
  readonly press: () => void
}
export const SELECTIONS: readonly Selection[] = [
  {
    text: 'All',
    key: 'Ctrl+A',
    what: 'Pin all cells',
    needsCell: false,
    press: () => pin(allCells(shape.value)),
  },
  {
    text: 'None',
    key: 'Esc',
    what: 'Unpin all cells',
    needsCell: false,
    press: () => pin(noCells(shape.value)),
  },
  {
    text: 'Invert',
    key: 'i',
    what: 'Swap pinned and free cells',
    needsCell: false,
    press: () => pin(inverted(pinned.value)),
  },
  {
    text: 'Same token',
    key: 's',
    what: 'Pin all cells with the same token as the selected cell',
    needsCell: true,
    press: pinLike((cell) => sameToken(tokensOf(grid.value) ?? [], cell)),
  },
  {
    text: 'Row',
    key: 'w',
    what: 'Pin the row of the selected cell',
    needsCell: true,
    press: pinLike((cell) => sameRow(shape.value, cell)),
  },
]

/** The cells whose tokens were pinned when the image was made. */
export const pinnedCells = computed<CellMask>(() => gridDetails(grid.value)?.pinned ?? noCells(shape.value))
export const pinOriginal = (): void => pin(pinnedCells.value)

const history = computed(() => opened.value && historyOf(opened.value.run, opened.value.image))
export const canUndo = computed(() => (history.value?.past.length ?? 0) > 0)
export const canRedo = computed(() => (history.value?.future.length ?? 0) > 0)
export function undo(): void {
  if (opened.value) undoEdit(opened.value.run, opened.value.image)
}
export function redo(): void {
  if (opened.value) redoEdit(opened.value.run, opened.value.image)
}

/** Sets the token of the selected cell. */
export function putToken(token: number): void {
  const [at, original] = [
    cursor.value,
    cursor.value !== undefined && gridDetails(grid.value)?.tokens[cursor.value],
  ]
  if (at !== undefined && typeof original === 'number')
    step((now) => withToken(now, grid.value, at, token, original))
}

/** Moves the selected cell; stops at the border. */
export function move(columns: number, rows: number): void {
  lookAt(movedIn(shape.value, cursor.value ?? 0, columns, rows))
}

/** Switches to the other grid. */
export function otherGrid(): void {
  if (details.value?.discriminative) adjust({ grid: grid.value === 'codes' ? undefined : 'codes' })
}
