// Measurements of the workspace, running ones, image sets and protocols: listed at every
// connection, updated by events.
import type { Where } from '../../../shared/slurm/submission.ts'
import { computed, shallowReactive, shallowRef } from 'vue'
import type { RunStatus } from '../../../shared/run/run.ts'
import type {
  EvaluateRequest,
  Evaluation,
  ImageSetInfo,
  Measurement,
  NearestState,
  ProtocolState,
  SetSource,
} from '../../../shared/evaluation/measurements.ts'
import { address, go } from '../app/address.ts'
import { calls } from '../app/calls.ts'
import { forgetNearest, retryNearest } from './nearest.ts'
import { notify } from '../app/notices.ts'
import { attempt, attemptAgain } from '../app/problems.ts'
import { runOf } from '../sample/runs.ts'
import { timeWords } from '../app/words.ts'
import { runName } from '../images/run-names.ts'

/** Undefined until listed. */
export const measurements = shallowRef<readonly Measurement[]>()
export const evaluations = shallowRef<readonly Evaluation[]>([])
export const imageSets = shallowRef<readonly ImageSetInfo[]>([])
export const protocols = shallowRef<readonly ProtocolState[]>([])
/** Status of the searches for nearest real images, by measurement. */
export const searches = shallowReactive(new Map<string, RunStatus>())

export const isOpen = ({ state }: RunStatus): boolean => state === 'queued' || state === 'running'
export const openEvaluations = computed(() => evaluations.value.filter(({ status }) => isOpen(status)))

export const measurementOf = (id: string | undefined): Measurement | undefined =>
  measurements.value?.find((measurement) => measurement.id === id)

/** For each reading of the lists: the events since it began. What is read may be older than they are. */
const readings = new Set<(() => void)[]>()

/** Applies an event to the lists, and once more to those that are being read. */
function hear(apply: () => void): void {
  for (const since of readings) since.push(apply)
  apply()
}

export async function refetchMeasurements(): Promise<void> {
  retryNearest()
  const since: (() => void)[] = []
  readings.add(since)
  const [stored, open, sets] = await Promise.all([
    attemptAgain('Could not list the measurements', () => calls().listMeasurements()),
    attemptAgain('Could not list the running measurements', () => calls().listEvaluations()),
    attemptAgain('Could not list the image sets', () => calls().listImageSets()),
  ])
  if (stored) measurements.value = Object.freeze(stored)
  if (open) evaluations.value = Object.freeze(open)
  if (sets) imageSets.value = Object.freeze(sets)
  readings.delete(since)
  for (const apply of since) apply()
  await refetchProtocols()
}

/** They depend on the open models; undefined while these are scanned. */
export async function refetchProtocols(): Promise<void> {
  protocols.value = await calls()
    .listProtocols()
    .catch(() => protocols.value)
}

export const putImageSets = (sets: readonly ImageSetInfo[]): void =>
  hear(() => (imageSets.value = Object.freeze(sets)))

export const putMeasurement = (measurement: Measurement): void =>
  hear(() => {
    const others = (measurements.value ?? []).filter(({ id }) => id !== measurement.id)
    const all = [...others, Object.freeze(measurement)]
    measurements.value = Object.freeze(all.sort((a, b) => b.stamp.timestamp - a.stamp.timestamp))
  })

export const dropMeasurement = (gone: string): void =>
  hear(() => (measurements.value = (measurements.value ?? []).filter(({ id }) => id !== gone)))

/** Updates a running measurement; one started by this page is shown when it finishes. */
export function putEvaluation(evaluation: Evaluation): void {
  const { id, status, measurement } = evaluation
  const isDone = status.state === 'done'
  hear(() => {
    const others = evaluations.value.filter((other) => other.id !== id)
    evaluations.value = isDone ? others : [...others, Object.freeze(evaluation)]
  })
  if (!isDone || !measurement || !begun.delete(id)) return
  const { page, run } = address.value
  if (page === 'evaluate' && run === undefined) go({ page: 'evaluate', run: measurement })
  else
    notify('Measurement finished', {
      text: 'Show',
      press: () => go({ page: 'evaluate', run: measurement }),
    })
}

export const dropEvaluation = (gone: string): void =>
  hear(() => (evaluations.value = evaluations.value.filter(({ id }) => id !== gone)))

export function putSearch({ measurement, status }: NearestState): void {
  searches.set(measurement, status)
  if (!isOpen(status)) forgetNearest(measurement)
}

/** Started by this page. */
const begun = new Set<string>()

/** @param place absent: where the same measurement was started before */
export async function startEvaluation(request: EvaluateRequest, place?: Where): Promise<void> {
  const id = await attempt('Could not start the measurement', () => calls().startEvaluation(request, place))
  if (id !== undefined) begun.add(id)
}
/** Starts a measurement that differs from one that failed, which goes. */
export async function replaceEvaluation(
  { id, request }: Evaluation,
  changes: Pick<EvaluateRequest, 'size' | 'skipUnreadable'>,
): Promise<void> {
  await startEvaluation({ ...request, ...changes })
  await dismissEvaluation(id)
}

/** The number of images that cannot be read, of both sets. */
export const unreadable = ({ problems = [] }: Evaluation): number =>
  problems.reduce((sum, { unreadable }) => sum + unreadable.length, 0)

/** The shorter side of the most frequent size, where sizes differ. */
export function sideForAll({ problems = [] }: Evaluation): number | undefined {
  const size = problems.find(({ sizes }) => sizes.length > 1)?.sizes[0]
  return size && Math.min(size.width, size.height)
}

export const stopEvaluation = (id: string) =>
  attempt('Could not stop the measurement', () => calls().cancelEvaluation(id))
export const dismissEvaluation = (id: string) =>
  attempt('Could not dismiss the measurement', () => calls().dismissEvaluation(id))

/** Removes a measurement from the list; the notice offers undo, and its line stays in the file. */
export async function removeMeasurement(measurement: Measurement): Promise<void> {
  const { id } = measurement
  const done = await attempt('Could not remove the measurement', async () => {
    await calls().removeMeasurement(id)
    return true
  })
  if (!done) return
  if (address.value.run === id) go({ page: 'evaluate' })
  notify(`Removed the measurement of ${measurementName(measurement)}`, {
    text: 'Undo',
    press: () => void attempt('Could not restore the measurement', () => calls().restoreMeasurement(id)),
  })
}

export async function removeImageSet({ source, name }: ImageSetInfo): Promise<void> {
  if (source.kind !== 'set') return
  const done = await attempt('Could not remove the image set', async () => {
    await calls().removeImageSet(source.set)
    return true
  })
  if (done) notify(`${name} is no longer listed. Its files stay where they are.`)
}

/** `Demo pictures`, the title of a run, the name of a folder; `fallback` if unknown to the workspace. */
export function setName(source: SetSource | undefined, fallback: string): string {
  if (source?.kind === 'demo') return 'Demo pictures'
  if (source?.kind === 'set')
    return (
      imageSets.value.find((info) => info.source.kind === 'set' && info.source.set === source.set)?.name ??
      fallback
    )
  const run = source && runOf(source.run)
  return run ? `${runName(run)} · ${timeWords(run.started)}` : fallback
}
export const samplesName = ({ samples, stamp }: Measurement): string => setName(samples, stamp.samples.path)
export const referenceName = ({ reference, stamp }: Measurement): string =>
  setName(reference, stamp.reference.path)
export const measurementName = (measurement: Measurement): string =>
  `${samplesName(measurement)} against ${referenceName(measurement)}`
