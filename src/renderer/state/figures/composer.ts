// The figure that is open: its draft with undo, saved on every change, and its problems.
import { computed, shallowRef } from 'vue'
import { checkFigure } from '../../../shared/figures/figure.ts'
import { calls } from '../app/calls.ts'
import { isLost, report } from '../app/problems.ts'
import {
  draftProblems,
  draftText,
  isRight,
  newHistory,
  redone,
  stepped,
  undone,
  withValue,
  type Draft,
  type History,
  type Path,
} from './draft.ts'
import { keepHistory, keptHistory } from './kept-history.ts'
import { withOwnSelections } from './selection.ts'
import { parseJson } from '../../../shared/plain-json.ts'

/** Delay after the last change; short enough that nobody closes the window before it. */
const SAVE_MS = 500

export type Opening =
  | { readonly state: 'reading' }
  /** It is missing or not readable by this program; `text` is the content on disk. */
  | {
      readonly state: 'problem'
      readonly problem: string
      readonly text?: string
      readonly revision?: string
    }
  | { readonly state: 'open' }

export type Saving = 'saved' | 'waiting' | 'saving' | 'conflict' | 'failed'

export const opening = shallowRef<Opening>({ state: 'reading' })
export const openId = shallowRef<string>()
export const saving = shallowRef<Saving>('saved')
const history = shallowRef<History>()
/** Revision of the text on disk. */
let revision = ''
let timer: ReturnType<typeof setTimeout> | undefined

export const draft = computed(() => history.value?.now)
export const problems = computed(() => (draft.value ? draftProblems(draft.value) : new Map<string, string>()))
export const canUndo = computed(() => (history.value?.past.length ?? 0) > 0)
export const canRedo = computed(() => (history.value?.future.length ?? 0) > 0)

/** Opens a figure of the workspace; an already open figure stays as it is. */
export async function openFigure(id: string, again = false): Promise<void> {
  if (openId.value === id && !again && opening.value.state === 'open') return
  await saveNow()
  openId.value = id
  opening.value = { state: 'reading' }
  history.value = undefined
  try {
    const found = await calls().readFigure(id)
    if (openId.value !== id) return
    revision = found.revision
    saving.value = 'saved'
    take(id, found.text)
  } catch (error) {
    if (openId.value === id) opening.value = { state: 'problem', problem: (error as Error).message }
  }
}

function take(id: string, text: string): void {
  try {
    const json: unknown = parseJson(text)
    checkFigure(json, `${id}/figure.json`)
    const kept = keptHistory(id, revision, text)
    history.value = kept ?? newHistory(Object.freeze(withOwnSelections(json as Draft)))
    opening.value = { state: 'open' }
    if (kept && draftText(kept.now) !== text) saveSoon()
  } catch (error) {
    const { message } = error as Error
    const problem = error instanceof SyntaxError ? `${id}/figure.json: not JSON: ${message}` : message
    opening.value = { state: 'problem', problem, text, revision }
  }
}

/** Replaces an unreadable figure.json by the text and opens it. Returns its problem, if any. */
export async function repair(text: string): Promise<string | undefined> {
  const id = openId.value
  if (id === undefined) return undefined
  try {
    ;({ revision } = await calls().saveFigure(id, text, revision))
    take(id, text)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Makes the next draft. Consecutive changes with the same name form one undo step. */
export function change(next: Draft, what = ''): void {
  if (!history.value || next === history.value.now) return
  step(stepped(history.value, Object.freeze(next), what, performance.now()))
}
/** Sets one field; undefined removes it. */
export function setField(path: Path, value: unknown): void {
  if (draft.value) change(withValue(draft.value, path, value), path.join('.'))
}
export function undo(): void {
  if (!history.value || !canUndo.value) return
  step(undone(history.value))
}
export function redo(): void {
  if (!history.value || !canRedo.value) return
  step(redone(history.value))
}
function step(next: History): void {
  history.value = next
  keep()
  saveSoon()
}
function keep(): void {
  if (openId.value !== undefined && history.value) keepHistory(openId.value, revision, history.value)
}

function saveSoon(): void {
  if (saving.value === 'conflict') return
  clearTimeout(timer)
  saving.value = 'waiting'
  timer = setTimeout(() => void saveNow(), SAVE_MS)
}

/** Saves the draft if valid; an invalid draft stays on the page only. */
export async function saveNow(): Promise<void> {
  clearTimeout(timer)
  const [id, now] = [openId.value, draft.value]
  if (id === undefined || !now || saving.value === 'saved' || saving.value === 'conflict') return
  if (!isRight(now)) return
  saving.value = 'saving'
  try {
    const saved = await calls().saveFigure(id, draftText(now), revision)
    revision = saved.revision
    keep()
    if (draft.value === now) saving.value = 'saved'
    else saveSoon()
  } catch (error) {
    const conflict = error instanceof Error && error.name === 'ConflictError'
    saving.value = conflict ? 'conflict' : 'failed'
    if (!conflict && !isLost(error)) report('Could not save the figure', error)
    // Retry: the engine may reconnect, and a full disk may be freed.
    if (!conflict) timer = setTimeout(() => void saveNow(), 3000)
  }
}

/** The file was changed elsewhere: loads its current content, or overwrites it with this draft. */
export async function settleConflict(keepMine: boolean): Promise<void> {
  const id = openId.value
  if (id === undefined) return
  if (!keepMine) return openFigure(id, true)
  ;({ revision } = await calls().readFigure(id))
  saving.value = 'waiting'
  await saveNow()
}

/** Renames the open figure. */
export function followRename(to: string): void {
  openId.value = to
  keep()
}
addEventListener('pagehide', () => void saveNow())
