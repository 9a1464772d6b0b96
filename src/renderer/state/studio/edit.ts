// Edits of an image's two grids: pinned cells, tokens set by hand; and undo.
import type { GridShape } from '../../../shared/grid/shape.ts'
import { DIGIT_GRID, type GridName } from '../../../shared/grid/layout.ts'
import type { ImageDetails } from '../../../shared/contract/api.ts'
import { ChangeSchema, type Change, type Pinned } from '../../../shared/run/run.ts'
import { allCells, areSame, countOf, noCells, type CellMask } from '../images/cells.ts'

const WhySchema = ChangeSchema.pick({ how: true, source: true })
/** How a token was changed, and where it was copied from. */
export type Why = Pick<Change, 'how' | 'source'>

export interface GridEdit {
  /** Cells that keep their token when the rest is resampled. An edited cell is pinned. */
  readonly pinned: CellMask
  /** Tokens set by hand, by cell. */
  readonly put: ReadonlyMap<number, number>
  /** Origin of the tokens that were not set one by one, by cell. */
  readonly why: ReadonlyMap<number, Why>
}
export type Edit = { readonly [name in GridName]: GridEdit }

const noEdit = (grid: GridShape): GridEdit => ({ pinned: noCells(grid), put: new Map(), why: new Map() })
export const emptyEdit = (grid: GridShape = DIGIT_GRID): Edit => ({
  discriminative: noEdit(grid),
  codes: noEdit(grid),
})

/** Replaces the pins; a token set in a cell that is no longer pinned is reverted. */
export function withPins(edit: Edit, name: GridName, pinned: CellMask): Edit {
  const inside = <T>(map: ReadonlyMap<number, T>) => new Map([...map].filter(([cell]) => pinned[cell]))
  return { ...edit, [name]: { pinned, put: inside(edit[name].put), why: inside(edit[name].why) } }
}

/** Sets the token of a cell; setting its original token reverts the edit. */
export function withToken(edit: Edit, name: GridName, cell: number, token: number, original: number): Edit {
  return withTokens(edit, name, [{ cell, token, original }], { how: 'hand' })
}

interface Put {
  readonly cell: number
  readonly token: number
  /** The original tokens. */
  readonly original: number
}

/** Sets several tokens at once and pins their cells. */
export function withTokens(edit: Edit, name: GridName, tokens: readonly Put[], how: Why): Edit {
  const [put, why, pinned] = [new Map(edit[name].put), new Map(edit[name].why), edit[name].pinned.slice()]
  for (const { cell, token, original } of tokens) {
    pinned[cell] = 1
    put.delete(cell)
    why.delete(cell)
    if (token === original) continue
    put.set(cell, token)
    if (how.how !== 'hand') why.set(cell, how)
  }
  return { ...edit, [name]: { pinned, put, why } }
}

/** The tokens changed by an edit, one entry per kind of change. */
export function changesOf(
  image: Pick<ImageDetails, 'discriminative' | 'codes'>,
  edit: Edit,
  grids: readonly GridName[] = ['discriminative', 'codes'],
): Change[] {
  const changes = new Map<string, Change>()
  for (const grid of grids) {
    const { put, why } = edit[grid]
    for (const [cell, after] of [...put].sort(([a], [b]) => a - b)) {
      const before = image[grid]?.tokens[cell]
      if (before === undefined || before === after) continue
      const { how, source } = why.get(cell) ?? { how: 'hand' as const }
      const key = JSON.stringify([grid, how, source])
      const so = changes.get(key) ?? { cells: [], before: [], after: [] }
      changes.set(key, {
        grid,
        how,
        ...(source ? { source } : {}),
        cells: [...so.cells, cell],
        before: [...so.before, before],
        after: [...so.after, after],
      })
    }
  }
  return [...changes.values()]
}

/**
 * The pinned tokens of the images of an intervention: the original, the edited one and, where codes are drawn, the
 * original with just as many codes resampled, which is what the drawing alone changes.
 */
export function interventionOf(
  image: Pick<ImageDetails, 'discriminative' | 'codes'>,
  edit: Edit,
  { grid, keepCodes = false }: Pick<PinnedOptions, 'grid' | 'keepCodes'>,
): readonly Pinned[] {
  const { discriminative, codes } = image
  if (grid === 'codes' || !discriminative) {
    const tokens = discriminative ? { discriminative: Array.from(discriminative.tokens) } : {}
    const edited = Array.from(editedTokens(codes.tokens, edit.codes))
    return [
      { ...tokens, codes: Array.from(codes.tokens) },
      { ...tokens, codes: edited },
    ]
  }
  const before = Array.from(discriminative.tokens)
  const after = Array.from(editedTokens(before, edit.discriminative))
  if (!keepCodes) return [{ discriminative: before }, { discriminative: after }, { discriminative: before }]
  const kept = Array.from(codes.tokens, (code, cell) => (after[cell] === before[cell] ? code : -1))
  return [
    { discriminative: before, codes: Array.from(codes.tokens) },
    { discriminative: after, codes: kept },
    { discriminative: before, codes: kept },
  ]
}

/** The grid with the tokens set by hand. */
export function editedTokens(tokens: ArrayLike<number>, { put }: GridEdit): Int32Array {
  return Int32Array.from(tokens, (token, cell) => put.get(cell) ?? token)
}

const sameGrid = (a: GridEdit, b: GridEdit) =>
  areSame(a.pinned, b.pinned) &&
  a.put.size === b.put.size &&
  [...a.put].every(([cell, token]) => b.put.get(cell) === token)
export const isSameEdit = (a: Edit, b: Edit): boolean =>
  sameGrid(a.discriminative, b.discriminative) && sameGrid(a.codes, b.codes)

/** Past edits, the current one, and undone ones, the next to redo last. */
export interface History {
  readonly past: readonly Edit[]
  readonly now: Edit
  readonly future: readonly Edit[]
}
/** Maximum undo steps. */
const STEPS = 200

export const newHistory = (now: Edit = emptyEdit()): History => ({ past: [], now, future: [] })

/** Adds a step; one that changes nothing is ignored. */
export function stepped({ past, now, future }: History, next: Edit): History {
  if (isSameEdit(now, next)) return { past, now, future }
  return { past: [...past, now].slice(-STEPS), now: next, future: [] }
}
export function undone({ past, now, future }: History): History {
  const before = past.at(-1)
  return before ? { past: past.slice(0, -1), now: before, future: [...future, now] } : { past, now, future }
}
export function redone({ past, now, future }: History): History {
  const next = future.at(-1)
  return next ? { past: [...past, now], now: next, future: future.slice(0, -1) } : { past, now, future }
}

export interface PinnedOptions {
  /** The grid whose free cells are resampled. */
  readonly grid: GridName
  /** Cells that keep their token. @default the pins of the grid */
  readonly pinned?: CellMask
  /** For the discriminative grid: the codes of its pinned cells are pinned too. @default false */
  readonly keepCodes?: boolean
}

/**
 * The tokens that an edit gives to the run that samples the rest. If discriminative tokens are
 * resampled, so are the codes, except those kept by `keepCodes`; if codes are resampled, all discriminative tokens are pinned.
 */
export function pinnedOf(
  { discriminative, codes }: Pick<ImageDetails, 'discriminative' | 'codes'>,
  edit: Edit,
  { grid, pinned = edit[grid].pinned, keepCodes = false }: PinnedOptions,
): Pinned {
  const newCodes = editedTokens(codes.tokens, edit.codes)
  const where = (tokens: ArrayLike<number>, test: (cell: number) => boolean) =>
    Array.from(tokens, (token, cell) => (test(cell) ? token : -1))
  const isPinned = (cell: number) => pinned[cell] === 1
  if (!discriminative) return { codes: where(newCodes, isPinned) }
  const newTokens = editedTokens(discriminative.tokens, edit.discriminative)
  if (grid === 'codes') return { discriminative: Array.from(newTokens), codes: where(newCodes, isPinned) }
  const first = where(newTokens, isPinned)
  if (!keepCodes) return { discriminative: first }
  // A cell with a changed token should change its code too, unless the code was also set by hand.
  const keeps = (cell: number) =>
    isPinned(cell) && (!edit.discriminative.put.has(cell) || edit.codes.put.has(cell))
  return { discriminative: first, codes: where(newCodes, keeps) }
}

/** Number of tokens of the grid that a run with these pins samples. */
export const freeCells = (pinned: CellMask): number => pinned.length - countOf(pinned)

export const everythingPinned = allCells

/** Edit <-> plain JSON, to keep it across a reload. */
export function editToJson(edit: Edit): unknown {
  const plain = ({ pinned, put, why }: GridEdit) => ({
    pinned: pinned.join(''),
    put: [...put],
    why: [...why],
  })
  return { discriminative: plain(edit.discriminative), codes: plain(edit.codes) }
}
export function jsonToEdit(json: unknown): Edit | undefined {
  const grid = (value: unknown): GridEdit | undefined => {
    if (typeof value !== 'object' || value === null || !('pinned' in value) || !('put' in value))
      return undefined
    const { pinned, put: asked } = value
    if (typeof pinned !== 'string' || !/^[01]+$/.test(pinned) || !Array.isArray(asked)) return undefined
    const pairs = asked.filter(
      (pair): pair is [number, number] =>
        Array.isArray(pair) && pair.length === 2 && pair.every((n) => Number.isInteger(n) && n >= 0),
    )
    const put = new Map(pairs.filter(([cell]) => cell < pinned.length))
    return { pinned: Uint8Array.from(pinned, Number), put, why: whysOf(value, put) }
  }
  if (typeof json !== 'object' || json === null) return undefined
  const discriminative = 'discriminative' in json ? grid(json.discriminative) : undefined
  const codes = 'codes' in json ? grid(json.codes) : undefined
  return discriminative && codes && { discriminative, codes }
}

/** For existing tokens; unknown origins count as set by hand. */
function whysOf(value: object, put: ReadonlyMap<number, number>): ReadonlyMap<number, Why> {
  const listed: unknown[] = 'why' in value && Array.isArray(value.why) ? value.why : []
  const found = listed.flatMap((pair): [number, Why][] => {
    const [cell, why] = Array.isArray(pair) ? (pair as unknown[]) : []
    const { success, data } = WhySchema.safeParse(why)
    return success && typeof cell === 'number' && put.has(cell) ? [[cell, data]] : []
  })
  return new Map(found)
}
