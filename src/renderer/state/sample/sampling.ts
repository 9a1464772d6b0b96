// Starting and stopping runs from the Sample page, and which run it shows.
import { computed, shallowRef } from 'vue'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import type { SampleRequest } from '../../../shared/run/run.ts'
import { address, adjust, go, ifStillHere } from '../app/address.ts'
import { calls } from '../app/calls.ts'
import { attempt } from '../app/problems.ts'
import { where } from '../slurm/placement.ts'
import { activeRun, isOpen, queuedRuns, runOf, runs } from './runs.ts'
import { generator, generatorProblem, generatorRequest } from './generator.ts'
import { change, requestOf, settingProblems, settings, type Field, type Settings } from './settings.ts'

const starting = shallowRef(false)

/** The run on the Sample page: the one in the address, else the current one, else the newest. */
export const shownRun = computed(
  () => runOf(address.value.query.run) ?? activeRun.value ?? queuedRuns.value.at(-1) ?? runs.value[0],
)

/** Whether all settings of DiGIT except these are valid. */
export const settingsAreRight = (but: readonly Field[]): boolean =>
  Object.keys(settingProblems.value).every((field) => but.includes(field as Field))

/** Fields of DiGIT's stages, which another generator does not have. */
export const OF_STAGES: readonly Field[] = [
  'conditional',
  'stage1Temperature',
  'stage1TopK',
  'stage1TopP',
  'stage2',
  'stage2Temperature',
  'stage2TopK',
  'stage2TopP',
  'steps',
  'choiceTemperature',
  'halton',
]

/** Whether what is drawn with can start: DiGIT, or the chosen generator. */
function isRight(but: readonly Field[]): boolean {
  if (!generator.value) return settingsAreRight(but)
  return generatorProblem.value === undefined && settingsAreRight([...but, ...OF_STAGES, 'classes'])
}

/** The request for what is drawn with. */
export const sampleRequest = (now: Settings): SampleRequest => ({ ...requestOf(now), ...generatorRequest() })

export const canStart = computed(() => !starting.value && isRight(['variants', 'splitCount', 'draftCount']))

/** A small draft of the current settings; undefined while they are invalid. */
export function draftRequest(): SampleRequest | undefined {
  if (!isRight(['variants', 'splitCount', 'count'])) return undefined
  return { ...sampleRequest({ ...settings.value, count: settings.value.draftCount }), draft: true }
}

/** Starts a run with the settings, sets the next seed, and shows the run. */
export async function start(): Promise<void> {
  if (!canStart.value) return
  const ifHere = ifStillHere()
  const run = await startSeeded((seed) => ({ ...sampleRequest(settings.value), seed }))
  if (run !== undefined) ifHere(() => show(run))
}

/** Starts a request with the current seed, then updates the seed by its rule. */
export async function startSeeded(request: (seed: number) => SampleRequest): Promise<string | undefined> {
  const { live, seed: before } = settings.value
  // Drafts follow the settings: changing the seed after each start would start another draft.
  const seedRule = live ? 'fixed' : settings.value.seedRule
  const seed = seedRule === 'random' ? randomSeed() : (before ?? 0)
  if (seed !== before) change({ seed })
  starting.value = true
  const run = await attempt('Could not start the run', () => calls().startSample(request(seed), where()))
  starting.value = false
  if (run !== undefined && seedRule === 'increment') change({ seed: seed + 1 })
  return run
}

/** Shows a run in the gallery of the Sample page. */
export function show(run: string): void {
  const { page, image } = address.value
  if (page === 'sample' && image === undefined) adjust({ run })
  else go({ page: 'sample', query: { run } })
}

/** Cancels a run; finished images are kept. */
export async function cancel(id: string | undefined = openRun.value?.id): Promise<void> {
  if (id !== undefined) await attempt('Could not stop the run', () => calls().cancelRun(id))
}

/** Turns a draft into a regular run. */
export async function keep(id: string): Promise<void> {
  await attempt('Could not keep the draft', () => calls().keepRun(id))
}

/** Whether it can be cancelled from here. */
export const canCancel = (run: WorkspaceRun): boolean => isOpen(run) && !run.elsewhere

/** The run that Esc cancels: the one on screen if unfinished, else the current one. */
export const openRun = computed(() =>
  shownRun.value && canCancel(shownRun.value) ? shownRun.value : activeRun.value,
)

/** A new seed: 32 random bits. */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!
}
