// Short-lived notices with an action: what was just done, and undo.
import { shallowRef } from 'vue'

export interface Notice {
  readonly id: number
  readonly text: string
  readonly action?: { readonly text: string; readonly press: () => void }
}

export const notices = shallowRef<readonly Notice[]>([])
/** Long enough to read it and change one's mind. */
const SHOWN_MS = 12_000
let last = 0

/** Shows a notice, which disappears automatically; returns its id. */
export function notify(text: string, action?: Notice['action']): number {
  const id = ++last
  notices.value = [...notices.value, { id, text, ...(action ? { action } : {}) }]
  setTimeout(() => dismissNotice(id), SHOWN_MS)
  return id
}

export function dismissNotice(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id)
}
