// The current job of the engine, of any kind, for the status line.
import { computed } from 'vue'
import type { RunStatus } from '../../../shared/run/run.ts'
import type { Address, PageName } from './address.ts'
import { openAtlases } from '../clusters/atlases.ts'
import { openEvaluations } from '../evaluate/measurements.ts'
import { isProbeOpen, probes } from '../curves/linear-probes.ts'
import { isVerdictOpen, verdicts } from '../curves/verdicts.ts'
import { openTrainings } from '../clusters/trained-codebooks.ts'
import { isLikelihoodOpen, likelihoods } from '../likelihood/likelihoods.ts'
import { activeRun, queuedRuns } from '../sample/runs.ts'
import { openSweeps } from '../curves/sweeps.ts'

/** The prefix of a job's note, and the page that shows it. */
const job =
  (words: string, page: PageName, query: Address['query'] = {}) =>
  ({ status }: { readonly status: RunStatus }) => ({ words, status, to: { page, query } })

const jobs = computed(() => [
  ...openSweeps.value.map(job('Sweep', 'curves')),
  ...openEvaluations.value.map(job('Measurement', 'evaluate')),
  ...openAtlases.value.map(job('Atlas', 'clusters')),
  ...openTrainings.value.map(job('K-Means', 'clusters')),
  ...(verdicts.value ?? []).filter(isVerdictOpen).map(job('Verdict', 'curves', { view: 'verdict' })),
  ...(probes.value ?? []).filter(isProbeOpen).map(job('Probe', 'curves', { view: 'probe' })),
  ...(likelihoods.value ?? []).filter(isLikelihoodOpen).map(job('Likelihood', 'likelihood')),
])

/** The running job; undefined while idle. */
export const work = computed(() => {
  const run = activeRun.value
  if (run?.status.state === 'running') {
    const { step, of, note } = run.status
    return { step, of, note, to: { page: 'sample' as const, query: { run: run.id } } }
  }
  for (const { words, status, to } of jobs.value)
    if (status.state === 'running') {
      const { step, of, note } = status
      return { step, of, note: `${words}: ${note}`, to }
    }
  return undefined
})

/** Number of queued jobs. */
export const waiting = computed(
  () => queuedRuns.value.length + jobs.value.filter(({ status }) => status.state === 'queued').length,
)
