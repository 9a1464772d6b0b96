// The form of a new verdict: what differs, the budget, and how images are measured.
import { computed, shallowRef } from 'vue'
import type { ProtocolName } from '../../../shared/evaluation/evaluation.ts'
import type { SetSource } from '../../../shared/evaluation/measurements.ts'
import type { SampleSpec } from '../../../shared/run/run.ts'
import type { AxisName } from '../../../shared/sweep/axes.ts'
import { axesOf } from '../../../shared/sweep/plan.ts'
import { LEAST_IMAGES } from '../../../shared/verdict/looks.ts'
import { checkSettings } from '../../../shared/verdict/settings.ts'
import type { DecidingMetric } from '../../../shared/verdict/spec.ts'
import type { VerdictRequest } from '../../../shared/verdict/verdict.ts'
import { go, ifStillHere } from '../app/address.ts'
import { calls } from '../app/calls.ts'
import { attempt } from '../app/problems.ts'
import { protocols } from '../evaluate/measurements.ts'
import { sampleRequest } from '../sample/sampling.ts'
import { settings } from '../sample/settings.ts'
import { isWhole, sharedProblem } from './shared-settings.ts'
import { checkTyped, drawersFor, requestOfBase, type CheckedAxes, type TypedAxis } from './typed-axes.ts'

/** Settings of what draws that can be compared on the same seeds. */
export const comparable = computed(() => {
  const base = verdictBase()
  const isThere = (name: AxisName) => name !== 'generator' || drawersFor(base).length > 1
  return axesOf(base).filter((name) => name !== 'seed' && name !== 'count' && isThere(name))
})

export const verdictForm = shallowRef({
  axes: [{ name: 'temperature', text: '0.9, 1.1', files: undefined }] as readonly TypedAxis[],
  /** Most images of each setting. */
  count: 512 as number | undefined,
  minutes: undefined as number | undefined,
  seed: 0 as number | undefined,
  by: 'fd' as DecidingMetric,
  protocol: 'dinov2' as ProtocolName,
  reference: { kind: 'demo' } as SetSource,
})
export const changeVerdictForm = (fields: Partial<(typeof verdictForm)['value']>) =>
  (verdictForm.value = { ...verdictForm.value, ...fields })

/** The Sample settings with the numbers of this form; file names stand in for paths. */
export function verdictBase(): SampleSpec {
  const { count, seed } = verdictForm.value
  const own = { count: count ?? NaN, seed: seed ?? NaN }
  return {
    kind: 'sample',
    model: '-',
    out: '-',
    shards: 1,
    shard: 0,
    ...sampleRequest(settings.value),
    ...own,
  }
}

export const verdictProblems = computed(() => {
  const { count, seed, minutes, protocol } = verdictForm.value
  return {
    count: isWhole(count, LEAST_IMAGES) ? undefined : `Must be an integer, ${LEAST_IMAGES} or more`,
    seed: isWhole(seed, 0) ? undefined : 'Must be an integer, 0 or more',
    minutes: minutes === undefined || minutes > 0 ? undefined : 'Must be more than 0',
    protocol: protocols.value.find(({ name }) => name === protocol)?.missing,
  }
})

/** The settings that result, or why there is nothing to compare. */
export const checkedVerdict = computed<CheckedAxes>(() => {
  const found = checkTyped(verdictForm.value.axes, verdictBase())
  // A problem of the numbers is shown at their fields.
  if (!found.axes || verdictProblems.value.count || verdictProblems.value.seed)
    return { ...found, problem: undefined }
  if (found.problem !== undefined) return found
  try {
    checkSettings(found.cells, verdictForm.value.count ?? 0)
    return found
  } catch (error) {
    return { ...found, problem: (error as Error).message }
  }
})

export const verdictRequest = computed<VerdictRequest | undefined>(() => {
  const { axes, problem } = checkedVerdict.value
  const isFree = Object.values(verdictProblems.value).every((found) => found === undefined)
  if (!axes || problem !== undefined || !isFree || sharedProblem.value !== undefined) return undefined
  const { protocol, reference, by, minutes } = verdictForm.value
  return {
    base: requestOfBase(verdictBase()),
    axes: axes.map(({ name, values }) => ({ name, values: [...values] })),
    measure: { reference, protocol },
    by,
    ...(minutes === undefined ? {} : { minutes }),
  }
})

export const starting = shallowRef(false)
/** Starts the verdict and shows it. */
export async function startVerdict(): Promise<void> {
  const request = verdictRequest.value
  if (!request || starting.value) return
  const ifHere = ifStillHere()
  starting.value = true
  const id = await attempt('Could not start the verdict', () => calls().startVerdict(request))
  starting.value = false
  if (id !== undefined) ifHere(() => go({ page: 'curves', run: id, query: { view: 'verdict' } }))
}
