// Undo steps of a figure draft in session storage, so that a reload keeps undo and a draft that is still invalid.
import { draftText, type Draft, type History } from './draft.ts'
import { parseJson } from '../../../shared/plain-json.ts'

/** A figure of 500 images takes about 50 kB per step, and a tab has 5 MB. */
const MOST_KEPT = 40

interface Kept {
  /** Revision of the file that the draft was made from. */
  readonly revision: string
  readonly past: readonly Draft[]
  readonly now: Draft
  readonly future: readonly Draft[]
}

const keyOf = (id: string) => `digit.figure/${id}`

/** @param revision of the file on disk */
export function keepHistory(id: string, revision: string, { past, now, future }: History): void {
  const kept: Kept = { revision, past: past.slice(-MOST_KEPT), now, future: future.slice(0, MOST_KEPT) }
  try {
    globalThis.sessionStorage?.setItem(keyOf(id), JSON.stringify(kept))
  } catch {
    // The session storage is full: keeping older steps would restore the wrong state.
    globalThis.sessionStorage?.removeItem(keyOf(id))
  }
}

/** The saved steps for the current file; undefined if something else has changed it since. */
export function keptHistory(id: string, revision: string, text: string): History | undefined {
  try {
    const kept = parseJson(globalThis.sessionStorage?.getItem(keyOf(id)) ?? 'null') as Kept | null
    if (!kept || (kept.revision !== revision && draftText(kept.now) !== text)) return undefined
    const { past, now, future } = kept
    return { past, now: Object.freeze(now), future }
  } catch {
    return undefined
  }
}
