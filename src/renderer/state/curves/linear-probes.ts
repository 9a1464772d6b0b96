// Linear probes of the workspace: listed at every connection, updated by events, started and stopped.
import { computed, shallowRef } from 'vue'
import { LINEAR_PROBE } from '../../../shared/evaluation/published.ts'
import type { Curve } from '../../../shared/figures/curves.ts'
import type { PublishedMark } from '../../../shared/figures/chart-option.ts'
import type { ProbeRequest, WorkspaceProbe } from '../../../shared/evaluation/linear-probes.ts'
import { address, go, ifStillHere } from '../app/address.ts'
import { calls } from '../app/calls.ts'
import { SIZES } from '../evaluate/published-table.ts'
import { attempt, attemptAgain } from '../app/problems.ts'
import { timeWords } from '../app/words.ts'

/** Newest first; undefined until listed. */
export const probes = shallowRef<readonly WorkspaceProbe[]>()

export const isProbeOpen = ({ status }: WorkspaceProbe) =>
  status.state === 'queued' || status.state === 'running'
export const shownProbe = computed(() => {
  const { run } = address.value
  return run === undefined ? probes.value?.[0] : probes.value?.find(({ id }) => id === run)
})

/** Updates a probe. */
export function putProbe(probe: WorkspaceProbe): void {
  const others = (probes.value ?? []).filter(({ id }) => id !== probe.id)
  probes.value = [Object.freeze(probe), ...others].sort((a, b) => (a.started < b.started ? 1 : -1))
}

export async function refetchProbes(): Promise<void> {
  const found = await attemptAgain('Could not list the probes', () => calls().listProbes())
  if (found) probes.value = Object.freeze(found)
}

export async function startProbe(request: ProbeRequest): Promise<void> {
  const ifHere = ifStillHere()
  const id = await attempt('Could not start the probe', () => calls().startProbe(request))
  if (id !== undefined) ifHere(() => go({ page: 'curves', run: id, query: { view: 'probe' } }))
}
export const stopProbe = (id: string) => attempt('Could not stop the probe', () => calls().cancelProbe(id))
export const resumeProbe = (id: string) =>
  attempt('Could not resume the probe', () => calls().resumeProbe(id))

/** `Demo pictures · 6 layers · 14:05`. */
export const probeWords = ({ images, depth, started }: WorkspaceProbe): string =>
  [images, ...(depth > 0 ? [`${depth} layers`] : []), timeWords(started)].join(' · ')

/** Top-1 in percent over layers: for held-out and for training pictures. */
export function probeCurves({ layers, images }: WorkspaceProbe): Curve[] {
  if (layers.length === 0) return []
  const of = (field: 'train' | 'validation', label: string): Curve => ({
    label,
    protocol: `top-1, ${images}`,
    points: layers.map((layer) => ({
      x: layer.layer,
      y: 100 * layer[field],
      run: `${field}-${layer.layer}`,
    })),
  })
  return [of('validation', 'Held out'), of('train', 'Training')]
}

/** Published accuracies on the ImageNet validation images. */
export const publishedProbes = computed<readonly PublishedMark[]>(() => {
  const { published, size } = address.value.query
  if (published !== 'on') return []
  const { from, to } = SIZES.find(({ value }) => value === size) ?? SIZES[0]
  return LINEAR_PROBE.filter(({ parameters: { value } }) => value >= from && value < to).map(
    ({ method, parameters, top1 }) => ({ label: `${method} ${parameters.text}`, y: top1.value }),
  )
})
