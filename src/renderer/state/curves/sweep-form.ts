// The form of a new sweep: typed axes with their problems, the resulting cells, and their cost.
import { where } from '../slurm/placement.ts'
import { computed, shallowRef, watch } from 'vue'
import type { ProtocolName } from '../../../shared/evaluation/evaluation.ts'
import type { SampleSpec } from '../../../shared/run/run.ts'
import type { SweepEstimate, SweepRequest, WorkspaceSweep } from '../../../shared/sweep/sweeps.ts'
import type { SetSource } from '../../../shared/evaluation/measurements.ts'
import { go, ifStillHere } from '../app/address.ts'
import { calls } from '../app/calls.ts'
import { modelSet } from '../models/models-in-use.ts'
import { attempt } from '../app/problems.ts'
import { sampleRequest } from '../sample/sampling.ts'
import { settings } from '../sample/settings.ts'
import { checkTyped, requestOfBase, type TypedAxis } from './typed-axes.ts'

export interface SweepForm {
  readonly axes: readonly TypedAxis[]
  readonly count: number | undefined
  readonly seed: number | undefined
  readonly measured: boolean
  readonly protocol: ProtocolName
  readonly reference: SetSource
  /** An error for each distance. */
  readonly confidence: boolean
  /** A line for real images against other real images. */
  readonly floor: boolean
  /** The sweep to extend. */
  readonly extended: WorkspaceSweep | undefined
}

const FRESH: SweepForm = {
  axes: [{ name: 'temperature', text: '0.7-1.2 (+0.1)', files: undefined }],
  count: 64,
  seed: 0,
  measured: true,
  protocol: 'dinov2',
  reference: { kind: 'demo' },
  confidence: false,
  floor: false,
  extended: undefined,
}
export const form = shallowRef<SweepForm>(FRESH)
export const changeForm = (fields: Partial<SweepForm>) => (form.value = { ...form.value, ...fields })

export const checked = computed(() =>
  checkTyped(form.value.axes, baseSpec(), form.value.extended !== undefined),
)

/** The request from the Sample settings and this form; file names stand in for paths. */
export function baseSpec(): SampleSpec {
  const { count, seed, extended } = form.value
  const base = extended?.base ?? sampleRequest(settings.value)
  const own = { count: count ?? NaN, ...(extended ? {} : { seed: seed ?? NaN }) }
  return { kind: 'sample', model: '-', out: '-', shards: 1, shard: 0, ...base, ...own }
}

export const sweepRequest = computed<SweepRequest | undefined>(() => {
  const { axes } = checked.value
  if (!axes || checked.value.problem !== undefined) return undefined
  const base = requestOfBase(baseSpec())
  const { measured, protocol, reference, confidence, floor } = form.value
  const extras = {
    ...(confidence ? { confidence: true as const } : {}),
    ...(floor ? { floor: true as const } : {}),
  }
  return {
    base,
    axes: axes.map(({ name, values }) => ({ name, values: [...values] })),
    ...(measured ? { measure: { reference, protocol, ...extras } } : {}),
  }
})

/** Its cost; undefined while loading. */
export const estimate = shallowRef<SweepEstimate | { readonly problem: string }>()
/** Delay between the last key and the request. */
const PAUSE_MS = 350
let timer: ReturnType<typeof setTimeout> | undefined
export function followEstimate(): void {
  watch([sweepRequest, () => modelSet.value], ask, { immediate: true })
}
function ask(): void {
  clearTimeout(timer)
  estimate.value = undefined
  if (sweepRequest.value) timer = setTimeout(() => void askNow(), PAUSE_MS)
}
async function askNow(): Promise<void> {
  const request = sweepRequest.value
  if (!request) return
  const answer = await calls()
    .estimateSweep(request, form.value.extended?.id ?? null)
    .catch((error: Error) => ({ problem: error.message }))
  if (request === sweepRequest.value) estimate.value = answer
}

/** A speed test is queued or running. */
export const trying = shallowRef(false)
export async function tryNow(): Promise<void> {
  if (!sweepRequest.value) return
  trying.value = true
  const begun = await attempt('Could not start the speed test', async () => {
    await calls().trySweep(sweepRequest.value!)
    return true
  })
  if (!begun) trying.value = false
}
export function putTried(problem: string | undefined): void {
  trying.value = false
  if (problem === undefined) ask()
  else estimate.value = { problem }
}

/** Fills the form with a sweep, to extend it with values or images. */
export function extend(sweep: WorkspaceSweep): void {
  form.value = {
    ...form.value,
    extended: sweep,
    count: sweep.base.count,
    seed: sweep.base.seed,
    measured: sweep.measure !== undefined,
    axes: sweep.axes.map(({ name, values }) => ({
      name,
      text: values.join(', '),
      files: values.filter((value) => typeof value === 'string'),
    })),
  }
}
export const endExtending = () => (form.value = FRESH)

export const starting = shallowRef(false)
/** Starts the sweep and shows its curve. */
export async function startSweep(): Promise<void> {
  const request = sweepRequest.value
  if (!request || starting.value) return
  const ifHere = ifStillHere()
  starting.value = true
  const id = await attempt('Could not start the sweep', () =>
    calls().startSweep(request, form.value.extended?.id ?? null, where()),
  )
  starting.value = false
  if (id === undefined) return
  if (form.value.extended) endExtending()
  ifHere(() => go({ page: 'curves', run: id, query: { view: 'curve' } }))
}
