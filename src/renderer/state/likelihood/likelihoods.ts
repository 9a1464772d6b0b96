// Likelihoods of the workspace: listed at every connection, updated by events, started and stopped.
import { computed, shallowRef } from 'vue'
import type { LikelihoodRequest, WorkspaceLikelihood } from '../../../shared/evaluation/likelihoods.ts'
import { LIKELIHOOD_STAGES, STAGE_WORDS } from '../../../shared/evaluation/likelihood.ts'
import type { PanelOf } from '../../../shared/figures/panels.ts'
import { address, go, ifStillHere } from '../app/address.ts'
import { calls } from '../app/calls.ts'
import { attempt, attemptAgain } from '../app/problems.ts'
import { timeWords } from '../app/words.ts'

/** Newest first; undefined until listed. */
export const likelihoods = shallowRef<readonly WorkspaceLikelihood[]>()

export const isLikelihoodOpen = ({ status }: WorkspaceLikelihood) =>
  status.state === 'queued' || status.state === 'running'
export const shownLikelihood = computed(() => {
  const { run } = address.value
  return run === undefined ? likelihoods.value?.[0] : likelihoods.value?.find(({ id }) => id === run)
})

export function putLikelihood(changed: WorkspaceLikelihood): void {
  const others = (likelihoods.value ?? []).filter(({ id }) => id !== changed.id)
  likelihoods.value = [Object.freeze(changed), ...others].sort((a, b) => (a.started < b.started ? 1 : -1))
}

export async function refetchLikelihoods(): Promise<void> {
  const found = await attemptAgain('Could not list the likelihoods', () => calls().listLikelihoods())
  if (found) likelihoods.value = Object.freeze(found)
}

export async function startLikelihood(request: LikelihoodRequest): Promise<void> {
  const ifHere = ifStillHere()
  const id = await attempt('Could not start the likelihood', () => calls().startLikelihood(request))
  if (id !== undefined) ifHere(() => go({ page: 'likelihood', run: id }))
}
export const stopLikelihood = (id: string) =>
  attempt('Could not stop the likelihood', () => calls().cancelLikelihood(id))
export const resumeLikelihood = (id: string) =>
  attempt('Could not resume the likelihood', () => calls().resumeLikelihood(id))

/** `Demo pictures · 640 images · with classes · 14:05`. */
export const likelihoodWords = ({ images, count, conditional, started }: WorkspaceLikelihood): string =>
  [
    images,
    ...(count > 0 ? [`${count} images`] : []),
    ...(conditional ? ['with classes'] : []),
    timeWords(started),
  ].join(' · ')

/** Bits over the sequence as a chart of a figure, of a finished one. */
export function likelihoodChart({ images, count, stages = {} }: WorkspaceLikelihood): PanelOf<'chart'> {
  return {
    kind: 'chart',
    x: { label: 'Token, in raster order', scale: 'linear' },
    y: { label: 'Bits per token', scale: 'linear' },
    series: LIKELIHOOD_STAGES.flatMap((name) => {
      const stage = stages[name]
      if (!stage) return []
      const points = stage.places.map((bits, cell): [number, number] => [cell + 1, bits])
      const label = `${STAGE_WORDS[name]}, mean ${stage.bits.toFixed(2)}`
      return [
        { label, points, line: 'solid', marks: false, protocol: `likelihood of ${images}, n = ${count}` },
      ]
    }),
    references: [],
    legend: 'above',
    aspect: 0.6,
  }
}
