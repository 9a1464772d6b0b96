// Starting and stopping runs from the Sample page, and which run it shows.
import { computed, shallowRef } from 'vue'
import { address, adjust, go } from './address.ts'
import { calls } from './calls.ts'
import { attempt } from './problems.ts'
import { activeRun, isOpen, queuedRuns, runOf, runs } from './runs.ts'
import { change, requestOf, settingProblems, settings } from './settings.ts'

const starting = shallowRef(false)

/** The run the Sample page shows: the one its address names, else the one at work, else the newest. */
export const shownRun = computed(
  () => runOf(address.value.query.run) ?? activeRun.value ?? queuedRuns.value.at(-1) ?? runs.value[0],
)

export const canStart = computed(() => !starting.value && Object.keys(settingProblems.value).length === 0)

/** Starts what the settings ask for, and prepares the next seed. */
export async function start(): Promise<void> {
  if (!canStart.value) return
  const { seedRule } = settings.value
  if (seedRule === 'random') change({ seed: randomSeed() })
  const request = requestOf(settings.value)
  starting.value = true
  const run = await attempt('The run did not start', () => calls().startSample(request))
  starting.value = false
  if (run === undefined) return
  if (seedRule === 'increment') change({ seed: request.seed + 1 })
  if (address.value.page === 'sample') adjust({ run })
  else go({ page: 'sample', query: { run } })
}

/** Stops a run; what is finished stays. */
export async function cancel(id: string | undefined = openRun.value?.id): Promise<void> {
  if (id !== undefined) await attempt('The run did not stop', () => calls().cancelRun(id))
}

/** What Esc stops: the run on screen if it is open, else the one at work. */
export const openRun = computed(() =>
  shownRun.value && isOpen(shownRun.value) ? shownRun.value : activeRun.value,
)

/** A seed nobody has used: 32 random bits. */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!
}
