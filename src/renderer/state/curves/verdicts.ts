// Verdicts of the workspace: listed at every connection, updated by events, stopped, continued and removed.
import { computed, shallowRef } from 'vue'
import { intervalPanel } from '../../../shared/verdict/interval-curves.ts'
import { outcomeOf } from '../../../shared/verdict/outcome.ts'
import type { WorkspaceVerdict } from '../../../shared/verdict/verdict.ts'
import { acrossWords } from '../../../shared/figures/curves.ts'
import type { AxisName } from '../../../shared/sweep/axes.ts'
import { address, go } from '../app/address.ts'
import { calls } from '../app/calls.ts'
import { notify } from '../app/notices.ts'
import { attempt, attemptAgain } from '../app/problems.ts'
import { timeWords } from '../app/words.ts'
import { addChartToFigure } from '../figures/to-figure.ts'

/** Newest first; undefined until listed. */
export const verdicts = shallowRef<readonly WorkspaceVerdict[]>()

/** Polling interval for a verdict owned by another process. */
const LOOK_MS = 3000

export const verdictOf = (id: string | undefined) => verdicts.value?.find((verdict) => verdict.id === id)
/** The one in the address; without a name the newest. */
export const shownVerdict = computed(() =>
  address.value.run === undefined ? verdicts.value?.[0] : verdictOf(address.value.run),
)
export const isVerdictOpen = ({ status }: WorkspaceVerdict) =>
  status.state === 'queued' || status.state === 'running'
/** Whether more images could decide it. */
export const isUndecided = ({ looks, by }: WorkspaceVerdict) => !outcomeOf(looks, by)?.decided

/** `Temperature: 0.9, 1.1`. */
export const verdictTitle = ({ settings }: WorkspaceVerdict): string => {
  const axes = Object.keys(settings[0]!.values) as AxisName[]
  const name = axes.map(acrossWords).join(' × ')
  return `${name}: ${settings.map(({ short }) => short).join(', ')}`
}
export const verdictWords = (verdict: WorkspaceVerdict): string =>
  `${verdictTitle(verdict)} · ${timeWords(verdict.started)}`

export function putVerdict(verdict: WorkspaceVerdict): void {
  const others = (verdicts.value ?? []).filter(({ id }) => id !== verdict.id)
  verdicts.value = [Object.freeze(verdict), ...others].sort((a, b) => (a.started < b.started ? 1 : -1))
}

export function dropVerdict(id: string): void {
  verdicts.value = verdicts.value?.filter((verdict) => verdict.id !== id)
}

export async function refetchVerdicts(): Promise<void> {
  const found = await attemptAgain('Could not list the verdicts', () => calls().listVerdicts())
  if (!found) return
  verdicts.value = Object.freeze(found)
  if (found.some(({ elsewhere }) => elsewhere)) setTimeout(() => void refetchVerdicts(), LOOK_MS)
}

export const stopVerdict = (id: string) =>
  attempt('Could not stop the verdict', () => calls().cancelVerdict(id))
/** Resumes it; with a number, up to that many images of each setting. */
export const resumeVerdict = (id: string, images: number | null = null) =>
  attempt('Could not resume the verdict', () => calls().resumeVerdict(id, images))

/** Removes a verdict; the notice offers undo. */
export async function removeVerdict(verdict: WorkspaceVerdict): Promise<void> {
  const done = await attempt('Could not remove the verdict', async () => {
    await calls().removeVerdict(verdict.id)
    return true
  })
  if (!done) return
  if (address.value.run === verdict.id) go({ page: 'curves', query: { view: 'verdict' } })
  notify(`Removed ${verdictTitle(verdict)}`, {
    text: 'Undo',
    press: () => void attempt('Could not restore the verdict', () => calls().restoreVerdict(verdict.id)),
  })
}

/** The intervals as a panel of a figure, which is chosen on the Figures page. */
export const addVerdictToFigure = (verdict: WorkspaceVerdict): void =>
  addChartToFigure(intervalPanel(verdict))
