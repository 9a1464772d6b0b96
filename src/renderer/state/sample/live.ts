// Live mode: every change starts a draft, which replaces the previous one.
import { onUnmounted, shallowRef, watch } from 'vue'
import type { SampleRequest } from '../../../shared/run/run.ts'
import { calls } from '../app/calls.ts'
import { imagesOf } from '../images/images.ts'
import { attempt } from '../app/problems.ts'
import { isOpen, runOf } from './runs.ts'
import { settings } from './settings.ts'

/** Debounce in milliseconds before a draft is requested. */
const DELAY = 250

/** The newest draft of live mode. */
export const liveRun = shallowRef<string>()

/** The run whose picture is shown where the newest draft has none yet, by image number. */
export const standIns = shallowRef<ReadonlyMap<number, string>>(new Map())

export interface LiveDrafts {
  /** What a draft depends on, as text: a change requests a new draft. */
  readonly key: () => string
  /** The draft request; undefined while invalid. */
  readonly request: () => SampleRequest | undefined
  /** The run on screen where the first draft will appear. */
  readonly shown?: () => string | undefined
  readonly started?: (run: string) => void
}

let wanted: LiveDrafts | undefined
let working = false

/** Makes drafts while the component is mounted and live is on. */
export function useLive(drafts: LiveDrafts): void {
  liveRun.value = undefined
  standIns.value = new Map()
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = watch(
    () => (settings.value.live ? drafts.key() : undefined),
    (now) => {
      clearTimeout(timer)
      if (now === undefined) return
      timer = setTimeout(() => {
        wanted = drafts
        void work()
      }, DELAY)
    },
  )
  onUnmounted(() => {
    stop()
    clearTimeout(timer)
    if (wanted === drafts) wanted = undefined
  })
}

/** One draft at a time; of several requests meanwhile, only the last. */
async function work(): Promise<void> {
  if (working) return
  working = true
  while (wanted) {
    const { request, shown, started } = wanted
    const asked = request()
    wanted = undefined
    const before = runOf(liveRun.value)
    if (before && isOpen(before))
      await attempt('Could not stop the draft', () => calls().cancelRun(before.id))
    if (!asked) continue
    const replaced = liveRun.value ?? shown?.()
    const run = await attempt('Could not start the draft', () => calls().startSample(asked))
    if (run === undefined) continue
    if (replaced !== undefined) standIn(replaced)
    liveRun.value = run
    started?.(run)
  }
  working = false
}

/** Images of a run stand in for those of its replacement. */
function standIn(run: string): void {
  const made = (imagesOf(run) ?? []).map(({ image }) => [image, run] as const)
  standIns.value = new Map([...standIns.value, ...made])
}
