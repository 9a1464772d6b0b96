// What the engine is at, of whatever kind, for the status line.
import { computed } from 'vue'
import type { RunStatus } from '../../shared/run.ts'
import type { Address } from './address.ts'
import { openAtlases } from './atlases.ts'
import { openEvaluations } from './measurements.ts'
import { isProbeOpen, probes } from './probes.ts'
import { activeRun, queuedRuns } from './runs.ts'
import { openSweeps } from './sweeps.ts'

interface Job {
  /** What is before the note of its step; a run's note says enough. */
  readonly words?: string
  readonly status: RunStatus
  /** Where it is shown. */
  readonly to: Pick<Address, 'page' | 'query'>
}

const jobs = computed<readonly Job[]>(() => [
  ...openSweeps.value.map(({ status }) => ({
    words: 'Sweep',
    status,
    to: { page: 'curves' as const, query: {} },
  })),
  ...openEvaluations.value.map(({ status }) => ({
    words: 'Measurement',
    status,
    to: { page: 'evaluate' as const, query: {} },
  })),
  ...openAtlases.value.map(({ status }) => ({
    words: 'Atlas',
    status,
    to: { page: 'clusters' as const, query: {} },
  })),
  ...(probes.value ?? []).filter(isProbeOpen).map(({ status }) => ({
    words: 'Probe',
    status,
    to: { page: 'curves' as const, query: { view: 'probe' } },
  })),
])

/** The one at work; undefined while nothing is. */
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

/** How many wait for it. */
export const waiting = computed(
  () => queuedRuns.value.length + jobs.value.filter(({ status }) => status.state === 'queued').length,
)
