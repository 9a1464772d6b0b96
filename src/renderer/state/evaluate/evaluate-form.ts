// The measurement form of the Evaluate page: stored in the address, validated and estimated by the engine as it changes.
import { computed, shallowRef, watch } from 'vue'
import { PROTOCOL_NAMES, type ProtocolName } from '../../../shared/evaluation/evaluation.ts'
import type { EvaluateRequest, EvaluationCost } from '../../../shared/evaluation/measurements.ts'
import { address, adjust } from '../app/address.ts'
import { calls } from '../app/calls.ts'
import { evaluations, imageSets, protocols, sideForAll } from './measurements.ts'
import { runOf, runs } from '../sample/runs.ts'
import { sourceKey, sourceOfKey } from './set-source.ts'
import { countWords, durationWords, imageWords } from '../app/words.ts'

/** Runs with images to measure. */
export const measurableRuns = computed(() =>
  runs.value.filter(({ request, reconstruct, finished }) => (request ?? reconstruct) && finished > 1),
)

const samples = computed(
  () =>
    sourceOfKey(address.value.query.samples) ??
    (measurableRuns.value[0] ? ({ kind: 'run', run: measurableRuns.value[0].id } as const) : undefined),
)
const reference = computed(
  () => sourceOfKey(address.value.query.reference) ?? imageSets.value.find(({ problem }) => !problem)?.source,
)
const protocol = computed(
  (): ProtocolName =>
    PROTOCOL_NAMES.find((name) => name === address.value.query.protocol) ??
    protocols.value.find(({ missing }) => missing === undefined)?.name ??
    'torch-fidelity',
)
const size = computed(() => {
  const asked = Number(address.value.query.size)
  return address.value.query.size && Number.isInteger(asked) ? asked : undefined
})

export const form = computed(() => ({
  samples: samples.value,
  reference: reference.value,
  protocol: protocol.value,
  size: size.value,
  confidence: address.value.query.confidence === 'yes',
  perClass: address.value.query.classes === 'yes',
  floor: address.value.query.floor !== 'no',
  isTrainingSet: address.value.query.training === 'yes',
  heldOut: sourceOfKey(address.value.query.heldout),
}))

export const changeForm = (
  changes: Partial<
    Record<
      | 'samples'
      | 'reference'
      | 'protocol'
      | 'size'
      | 'confidence'
      | 'classes'
      | 'floor'
      | 'training'
      | 'heldout',
      string | undefined
    >
  >,
): void => adjust(changes)

export const protocolState = computed(() => protocols.value.find(({ name }) => name === form.value.protocol))

export const sizeProblem = computed(() =>
  size.value !== undefined && (size.value < 1 || size.value > 4096) ? '1 to 4096' : undefined,
)

/** Whether this very request failed because its images have several sizes, which the size field mends. */
export const sizeMissing = computed(() => {
  const asked = request.value
  return (
    asked !== undefined &&
    evaluations.value.some((one) => sideForAll(one) !== undefined && isSame(one.request, asked))
  )
})

const isSame = (a: EvaluateRequest, b: EvaluateRequest): boolean => {
  const values = ({
    samples,
    reference,
    heldOut,
    protocol,
    size,
    confidence,
    perClass,
    ...rest
  }: EvaluateRequest) =>
    JSON.stringify([
      sourceKey(samples),
      sourceKey(reference),
      [protocol, size, confidence, perClass, rest.floor, rest.isTrainingSet],
      heldOut && sourceKey(heldOut),
    ])
  return values(a) === values(b)
}

/** Undefined while a choice is missing or a value is out of range. */
export const request = computed((): EvaluateRequest | undefined => {
  const { samples, reference, size, isTrainingSet, heldOut, ...rest } = form.value
  if (!samples || !reference || sizeProblem.value || protocolState.value?.missing !== undefined)
    return undefined
  return {
    samples,
    reference,
    ...rest,
    ...(size === undefined ? {} : { size }),
    ...(isTrainingSet ? { isTrainingSet, ...(heldOut ? { heldOut } : {}) } : {}),
  }
})

/** The engine's answer to the request: its cost, or why it cannot be measured; undefined while loading. */
export const estimate = shallowRef<{ readonly cost: EvaluationCost } | { readonly problem: string }>()

/** What the answer depends on, so that a set of fifty thousand files is not rescanned whenever a run makes an image. */
const question = computed(() => {
  const { samples } = form.value
  const run = samples?.kind === 'run' ? runOf(samples.run)?.status.state : undefined
  return JSON.stringify([request.value, protocolState.value?.file, imageSets.value, run])
})

/** Requests it again when that changes. Call it from the page that shows it. */
export function followRequest(): void {
  watch(
    question,
    async (_now, _before, onCleanup) => {
      const asked = request.value
      estimate.value = undefined
      if (!asked) return
      let isCurrent = true
      onCleanup(() => (isCurrent = false))
      const found = await calls()
        .estimateEvaluation(asked)
        .then(
          (cost) => ({ cost }),
          (error: Error) => ({ problem: error.message }),
        )
      if (isCurrent) estimate.value = found
    },
    { immediate: true },
  )
}

/** `640 images to process; about 40 s`. */
export function costWords({ samples, reference, seconds }: EvaluationCost): string {
  const left = samples.left + reference.left
  const all = samples.images + reference.images
  if (left === 0) return `Features of all ${imageWords(all)} are cached: takes seconds`
  const kept = left < all ? `, features of ${countWords(all - left)} are cached` : ''
  const time =
    seconds === undefined
      ? 'time estimate after the first images'
      : `about ${durationWords(seconds)} on this machine`
  return `${imageWords(left)} to process${kept}; ${time}`
}
