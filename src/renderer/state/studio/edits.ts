// The edit of every image opened in the studio, with undo; the edits survive a reload of the tab.
import { shallowReactive } from 'vue'
import {
  editToJson,
  emptyEdit,
  jsonToEdit,
  newHistory,
  redone,
  stepped,
  undone,
  type Edit,
  type History,
} from './edit.ts'
import { parseJson } from '../../../shared/plain-json.ts'

const histories = shallowReactive(new Map<string, History>())
const keyOf = (run: string, image: number) => `digit.edit/${run}/${image}`

export function historyOf(run: string, image: number): History {
  const key = keyOf(run, image)
  return histories.get(key) ?? newHistory(kept(key))
}
export const editOf = (run: string, image: number): Edit => historyOf(run, image).now

/** Applies the next step of an image's edit. */
export function changeEdit(run: string, image: number, next: Edit): void {
  put(run, image, stepped(historyOf(run, image), next))
}
export const undoEdit = (run: string, image: number): void => put(run, image, undone(historyOf(run, image)))
export const redoEdit = (run: string, image: number): void => put(run, image, redone(historyOf(run, image)))

function put(run: string, image: number, history: History): void {
  const key = keyOf(run, image)
  histories.set(key, Object.freeze(history))
  try {
    globalThis.sessionStorage?.setItem(key, JSON.stringify(editToJson(history.now)))
  } catch {
    // The session storage is full: the edit lasts only as long as the page.
  }
}

function kept(key: string): Edit {
  try {
    return jsonToEdit(parseJson(globalThis.sessionStorage?.getItem(key) ?? 'null')) ?? emptyEdit()
  } catch {
    return emptyEdit()
  }
}
