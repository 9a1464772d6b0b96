// figure.json while it is edited: plain JSON that may be temporarily invalid, changed by copying, with undo and redo.
import { FigureSchema, type Figure, type FigureInput } from '../../../shared/figures/figure.ts'
import type { ImageRef } from '../../../shared/figures/image-ref.ts'
import type { PanelInput } from '../../../shared/figures/panels.ts'
import { isLabelled, movedLine, withoutLine } from './labelled-grid.ts'

export type Draft = FigureInput
export type PanelDraft = PanelInput
export type Path = readonly (string | number)[]

/** The draft with another value at a path; undefined removes it. Siblings are shared, not copied. */
export function withValue<T>(holder: T, [key, ...rest]: Path, value: unknown): T {
  if (key === undefined) return value as T
  if (Array.isArray(holder)) {
    const inner: unknown = withValue(holder[key as number] as unknown, rest, value)
    const list = [...(holder as unknown[])]
    if (rest.length === 0 && value === undefined) list.splice(key as number, 1)
    else list[key as number] = inner
    return list as T
  }
  const { [key]: old, ...others } = (holder ?? {}) as Record<string, unknown>
  if (rest.length === 0 && value === undefined) return others as T
  return { ...(holder as object), [key]: withValue(old, rest, value) } as T
}

export const valueAt = (holder: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], holder)

/** Problems by path: `rows.0.1.columns`. */
export function draftProblems(draft: unknown): ReadonlyMap<string, string> {
  const { error } = FigureSchema.safeParse(draft)
  return new Map(
    error?.issues.map(({ path, message }) => [path.join('.'), message.replace(/^Invalid input: /, '')]),
  )
}
export const isRight = (draft: unknown): draft is Figure => FigureSchema.safeParse(draft).success

export const draftText = (draft: unknown): string => `${JSON.stringify(draft, null, 2)}\n`

/** Position of a panel in `rows`, by its index in the figure. */
export function panelPath({ rows }: Draft, panel: number): readonly ['rows', number, number] | undefined {
  let at = panel
  for (const [row, panels] of rows.entries()) {
    if (at < panels.length) return ['rows', row, at]
    at -= panels.length
  }
  return undefined
}
export const panelsOfDraft = ({ rows }: Draft): readonly PanelDraft[] => rows.flat()

/** A new panel in a row of its own, below. */
export const withPanel = (draft: Draft, panel: PanelDraft): Draft => ({
  ...draft,
  rows: [...draft.rows, [panel]],
})

export function withoutPanel(draft: Draft, panel: number): Draft {
  const path = panelPath(draft, panel)
  if (!path) return draft
  const rows = draft.rows.map((row, r) => (r === path[1] ? row.filter((_, i) => i !== path[2]) : row))
  return { ...draft, rows: rows.filter((row) => row.length > 0) }
}

/**
 * Moves a panel one step: left and right within its row or into the adjacent one, up and down into a neighbouring row,
 * or out of a shared row into one of its own.
 */
export function movedPanel(
  draft: Draft,
  panel: number,
  way: 'left' | 'right' | 'up' | 'down',
): { readonly draft: Draft; readonly panel: number } {
  const [, row, at] = panelPath(draft, panel) ?? []
  if (row === undefined || at === undefined) return { draft, panel }
  const moved = draft.rows[row]![at]!
  const rows = draft.rows.map((panels) => [...panels])
  if (way === 'left' || way === 'right') {
    const to = at + (way === 'left' ? -1 : 1)
    if (to < 0 || to >= rows[row]!.length) return { draft, panel }
    rows[row]!.splice(at, 1)
    rows[row]!.splice(to, 0, moved)
  } else {
    const isAlone = rows[row]!.length === 1
    const next = row + (way === 'up' ? -1 : 1)
    if (isAlone && !rows[next]) return { draft, panel }
    rows[row]!.splice(at, 1)
    if (!isAlone) rows.splice(way === 'up' ? row : row + 1, 0, [moved])
    else if (way === 'up') rows[next]!.push(moved)
    else rows[next]!.unshift(moved)
  }
  const full = rows.filter((panels) => panels.length > 0)
  return { draft: { ...draft, rows: full }, panel: full.flat().indexOf(moved) }
}

/** The list of a panel whose entries its cells show, and how many cells an entry has. */
export function cellList(
  panel: PanelDraft,
): { readonly name: 'images' | 'pairs' | 'groups'; readonly each: number } | undefined {
  switch (panel.kind) {
    case 'grid':
    case 'cluster':
      return { name: 'images', each: 1 }
    case 'reconstruction':
      return { name: 'images', each: panel.parts?.length ?? 4 }
    case 'steps':
      return { name: 'images', each: panel.at?.length ?? 5 }
    case 'intervention':
      return { name: 'pairs', each: 3 }
    case 'variance':
      return { name: 'groups', each: (panel.samples ?? 2) + 2 }
    case 'chart':
    case 'map':
    case 'table':
      return undefined
  }
}

/** Labels of list entries move and are removed with them. */
const WITH_ENTRIES: Readonly<Partial<Record<PanelDraft['kind'], readonly string[]>>> = {
  grid: ['cellLabels'],
  cluster: ['cellLabels'],
  reconstruction: ['rowLabels'],
  steps: ['rowLabels'],
}

function withLists(panel: PanelDraft, change: (list: unknown[]) => unknown[]): PanelDraft {
  const list = cellList(panel)
  if (!list) return panel
  const lists = [list.name, ...(WITH_ENTRIES[panel.kind] ?? [])]
  const all = panel as unknown as Record<string, unknown[] | undefined>
  const length = all[list.name]!.length
  const changed = lists.flatMap((name) => {
    const old = all[name]
    if (!old) return []
    const padded = name === list.name ? old : Array.from({ length }, (_, i) => old[i] ?? '')
    return [[name, change([...padded])] as const]
  })
  return { ...panel, ...Object.fromEntries(changed) }
}

/** Moves an entry; insets of a grid follow their image, labels their row or column. */
export function movedEntry(panel: PanelDraft, from: number, to: number): PanelDraft {
  if (panel.kind === 'grid' && isLabelled(panel)) return movedLine(panel, from, to)
  const moved = withLists(panel, (list) => {
    const [entry] = list.splice(from, 1)
    list.splice(to, 0, entry)
    return list
  })
  const placeOf = (cell: number) =>
    cell === from ? to : from < cell && cell <= to ? cell - 1 : to <= cell && cell < from ? cell + 1 : cell
  return moved.kind === 'grid' && moved.insets
    ? { ...moved, insets: moved.insets.map((inset) => ({ ...inset, cell: placeOf(inset.cell) })) }
    : moved
}

/** Removes an entry, in a grid with labels its row or column; undefined if it was the last one. */
export function withoutEntry(panel: PanelDraft, entry: number): PanelDraft | undefined {
  if (panel.kind === 'grid' && isLabelled(panel)) return withoutLine(panel, entry)
  const list = cellList(panel)
  if (!list || (panel as unknown as Record<string, unknown[]>)[list.name]!.length <= 1) return undefined
  const left = withLists(panel, (all) => all.filter((_, i) => i !== entry))
  if (left.kind !== 'grid' || !left.insets) return left
  const insets = left.insets
    .filter(({ cell }) => cell !== entry)
    .map((inset) => ({ ...inset, cell: inset.cell > entry ? inset.cell - 1 : inset.cell }))
  return { ...left, insets }
}

/** The draft without any entry that shows this image; panels left empty are removed. */
export function withoutImage(draft: Draft, isIt: (ref: ImageRef) => boolean): Draft {
  const kept = (panel: PanelDraft): PanelDraft | undefined => {
    const list = cellList(panel)
    if (!list) return panel
    const entries = (panel as unknown as Record<string, Record<string, unknown>[]>)[list.name]!
    let left: PanelDraft | undefined = panel
    for (let i = entries.length - 1; i >= 0 && left; i--)
      if (refsOf(entries[i]!).some(isIt)) left = withoutEntry(left, i)
    return left
  }
  const rows = draft.rows.map((row) => row.flatMap((panel) => kept(panel) ?? []))
  return { ...draft, rows: rows.filter((row) => row.length > 0) }
}

const refsOf = (entry: Record<string, unknown>): ImageRef[] =>
  'before' in entry
    ? [entry.before as ImageRef, entry.after as ImageRef]
    : Array.isArray(entry.images)
      ? (entry.images as ImageRef[])
      : [entry as unknown as ImageRef]

/** The current draft, with undo and redo steps. */
export interface History {
  readonly past: readonly Draft[]
  readonly now: Draft
  readonly future: readonly Draft[]
  /** The last change and its time: typing in one field is one step. */
  readonly last?: { readonly what: string; readonly at: number }
}

const MOST_STEPS = 200
const SAME_STEP_MS = 1200

export const newHistory = (now: Draft): History => ({ past: [], now, future: [] })

export function stepped({ past, now, last }: History, next: Draft, what: string, at: number): History {
  const goesOn = what !== '' && last?.what === what && at - last.at < SAME_STEP_MS
  return {
    past: goesOn ? past : [...past, now].slice(-MOST_STEPS),
    now: next,
    future: [],
    last: { what, at },
  }
}

export function undone({ past, now, future }: History): History {
  const before = past.at(-1)
  return before ? { past: past.slice(0, -1), now: before, future: [now, ...future] } : { past, now, future }
}

export function redone({ past, now, future: [next, ...future] }: History): History {
  return next ? { past: [...past, now], now: next, future } : { past, now, future: [] }
}
