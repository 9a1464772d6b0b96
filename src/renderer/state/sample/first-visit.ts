// The very first visit starts a small draft of the demo with the current settings, and says once what it is.
import { shallowRef, watch } from 'vue'
import type { Snapshot } from '../../../shared/contract/api.ts'
import { calls } from '../app/calls.ts'
import { modelSet } from '../models/models-in-use.ts'
import { runs } from './runs.ts'
import { requestOf, settings } from './settings.ts'

/** Two rows of the gallery; about ten seconds of work. */
const IMAGES = 8
let asked = false

const KEY = 'digit.introduced'
/** What DiGIT and the demo are is shown, until it is closed once. */
export const isIntroduced = shallowRef(true)
export function closeIntroduction(): void {
  isIntroduced.value = true
  globalThis.localStorage?.setItem(KEY, 'yes')
}

/**
 * Only if there are no images yet, the address requests no page, and the work is known to be
 * small: the user's own models may be large.
 */
export function welcome(
  { runs: kept, opened }: Pick<Snapshot, 'runs' | 'opened'>,
  hash = location.hash,
): void {
  const open = opened.sources.filter((source) => source.open)
  const isDemo = open.length > 0 && open.every(({ kind }) => kind === 'demo')
  if (asked || kept.length > 0 || hash !== '' || !isDemo) return
  asked = true
  isIntroduced.value = globalThis.localStorage?.getItem(KEY) === 'yes'
  const stop = watch(
    modelSet,
    (found) => {
      if (!found) return
      queueMicrotask(() => stop())
      if (runs.value.length > 0) return
      const request = { ...requestOf({ ...settings.value, count: IMAGES }), draft: true }
      // The draft was not requested: if it cannot start, the page is empty and shows how to begin.
      calls()
        .startSample(request)
        .catch(() => undefined)
    },
    { immediate: true },
  )
}
