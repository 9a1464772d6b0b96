// Images in the comparison: up to four, kept while the tab is open.
import { shallowRef, watch } from 'vue'
import type { ImageName } from '../../../shared/contract/api.ts'
import { formatImages, parseImages } from './image-names.ts'

export const MOST_PICKS = 4
const KEY = 'digit.picks'
export const picks = shallowRef<readonly ImageName[]>(
  parseImages(globalThis.sessionStorage?.getItem(KEY) ?? '').slice(0, MOST_PICKS),
)
watch(picks, (now) => sessionStorage.setItem(KEY, formatImages(now)))

/** Its index among the picks, from 0; -1 if not picked. */
export const pickOf = (run: string, image: number): number =>
  picks.value.findIndex((pick) => pick.run === run && pick.image === image)

/** Picks or unpicks an image; a fifth replaces the oldest. */
export function togglePick(run: string, image: number): void {
  const at = pickOf(run, image)
  picks.value =
    at >= 0 ? picks.value.filter((_, i) => i !== at) : [...picks.value, { run, image }].slice(-MOST_PICKS)
}
