// What is changed about an image's two grids: which cells are pinned, which tokens are put in by hand; and undo.
import type { GridName, ImageDetails } from '../../../shared/contract/api.ts'
import { ChangeSchema, type Change, type Given } from '../../../shared/run/run.ts'
import { allCells, areSame, CELLS, countOf, noCells, type CellMask } from '../images/cells.ts'

const WhySchema = ChangeSchema.pick({ how: true, source: true })
/** How a token was changed, and where it was copied from. */
export type Why = Pick<Change, 'how' | 'source'>

export interface GridEdit {
  /** Cells that keep their token when the rest is drawn again. A cell that was edited is pinned. */
  readonly pinned: CellMask
  /** Tokens put in by hand, by cell. */
  readonly put: ReadonlyMap<number, number>
  /** How those came to be that were not put in one by one, by cell. */
  readonly why: ReadonlyMap<number, Why>
}
export type Edit = { readonly [name in GridName]: GridEdit }

const noEdit = (): GridEdit => ({ pinned: noCells(), put: new Map(), why: new Map() })
export const emptyEdit = (): Edit => ({ discriminative: noEdit(), codes: noEdit() })

/** Other pins; a token put into a cell that is pinned no longer is taken out again. */
export function withPins(edit: Edit, name: GridName, pinned: CellMask): Edit {
  const inside = <T>(map: ReadonlyMap<number, T>) => new Map([...map].filter(([cell]) => pinned[cell]))
  return { ...edit, [name]: { pinned, put: inside(edit[name].put), why: inside(edit[name].why) } }
}

/** A token put into a cell; the one it had before any edit takes the edit back. */
export function withToken(edit: Edit, name: GridName, cell: number, token: number, original: number): Edit {
  return withTokens(edit, name, [{ cell, token, original }], { how: 'hand' })
}

interface Put {
  readonly cell: number
  readonly token: number
  /** Before any edit. */
  readonly original: number
}

/** Several tokens put in at once. Their cells are pinned. */
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

/** The tokens that an edit changes, one entry for each way in which it does. */
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

/** What an intervention gives to its two images: the original tokens, and those as edited. */
export function interventionOf(
  image: Pick<ImageDetails, 'discriminative' | 'codes'>,
  edit: Edit,
  { grid, keepCodes = false }: Pick<GivenOptions, 'grid' | 'keepCodes'>,
): readonly [Given, Given] {
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
  if (!keepCodes) return [{ discriminative: before }, { discriminative: after }]
  const kept = Array.from(codes.tokens, (code, cell) => (after[cell] === before[cell] ? code : -1))
  return [
    { discriminative: before, codes: Array.from(codes.tokens) },
    { discriminative: after, codes: kept },
  ]
}

/** The grid with the tokens put in by hand. */
export function editedTokens(tokens: ArrayLike<number>, { put }: GridEdit): Int32Array {
  return Int32Array.from({ length: CELLS }, (_, cell) => put.get(cell) ?? tokens[cell]!)
}

const sameGrid = (a: GridEdit, b: GridEdit) =>
  areSame(a.pinned, b.pinned) &&
  a.put.size === b.put.size &&
  [...a.put].every(([cell, token]) => b.put.get(cell) === token)
export const isSameEdit = (a: Edit, b: Edit): boolean =>
  sameGrid(a.discriminative, b.discriminative) && sameGrid(a.codes, b.codes)

/** Edits before, the one now, and those that were undone, the next to be done again last. */
export interface History {
  readonly past: readonly Edit[]
  readonly now: Edit
  readonly future: readonly Edit[]
}
/** More steps back than anyone remembers. */
const STEPS = 200

export const newHistory = (now: Edit = emptyEdit()): History => ({ past: [], now, future: [] })

/** A step forward; one that changes nothing is none. */
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

export interface GivenOptions {
  /** The grid whose free cells are drawn again. */
  readonly grid: GridName
  /** Cells that keep their token. @default the pins of the grid */
  readonly pinned?: CellMask
  /** For the discriminative grid: the codes of its pinned cells are given too. @default false */
  readonly keepCodes?: boolean
}

/**
 * The tokens an edit gives to the run that draws the rest. Where discriminative tokens are drawn, codes are drawn
 * anew, but those that `keepCodes` holds; where codes are drawn, the discriminative grid is given whole.
 */
export function givenOf(
  { discriminative, codes }: Pick<ImageDetails, 'discriminative' | 'codes'>,
  edit: Edit,
  { grid, pinned = edit[grid].pinned, keepCodes = false }: GivenOptions,
): Given {
  const newCodes = editedTokens(codes.tokens, edit.codes)
  const where = (tokens: ArrayLike<number>, test: (cell: number) => boolean) =>
    Array.from({ length: CELLS }, (_, cell) => (test(cell) ? tokens[cell]! : -1))
  const isPinned = (cell: number) => pinned[cell] === 1
  if (!discriminative) return { codes: where(newCodes, isPinned) }
  const newTokens = editedTokens(discriminative.tokens, edit.discriminative)
  if (grid === 'codes') return { discriminative: Array.from(newTokens), codes: where(newCodes, isPinned) }
  const first = where(newTokens, isPinned)
  if (!keepCodes) return { discriminative: first }
  // A cell with another token is to look otherwise, unless its code was put in by hand as well.
  const keeps = (cell: number) =>
    isPinned(cell) && (!edit.discriminative.put.has(cell) || edit.codes.put.has(cell))
  return { discriminative: first, codes: where(newCodes, keeps) }
}

/** How many tokens of the grid a run with these pins draws. */
export const freeCells = (pinned: CellMask): number => CELLS - countOf(pinned)

export const everythingPinned = allCells

/** Edit <-> plain JSON, for keeping it over a reload. */
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
    if (typeof pinned !== 'string' || !/^[01]{256}$/.test(pinned) || !Array.isArray(asked)) return undefined
    const pairs = asked.filter(
      (pair): pair is [number, number] =>
        Array.isArray(pair) && pair.length === 2 && pair.every((n) => Number.isInteger(n) && n >= 0),
    )
    const put = new Map(pairs.filter(([cell]) => cell < CELLS))
    return { pinned: Uint8Array.from(pinned, Number), put, why: whysOf(value, put) }
  }
  if (typeof json !== 'object' || json === null) return undefined
  const discriminative = 'discriminative' in json ? grid(json.discriminative) : undefined
  const codes = 'codes' in json ? grid(json.codes) : undefined
  return discriminative && codes && { discriminative, codes }
}

/** Of tokens that are there; what is not understood counts as put in by hand. */
function whysOf(value: object, put: ReadonlyMap<number, number>): ReadonlyMap<number, Why> {
  const listed: unknown[] = 'why' in value && Array.isArray(value.why) ? value.why : []
  const found = listed.flatMap((pair): [number, Why][] => {
    const [cell, why] = Array.isArray(pair) ? (pair as unknown[]) : []
    const { success, data } = WhySchema.safeParse(why)
    return success && typeof cell === 'number' && put.has(cell) ? [[cell, data]] : []
  })
  return new Map(found)
}
