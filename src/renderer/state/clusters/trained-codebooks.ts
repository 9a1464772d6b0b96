// K-Means codebooks that are trained in the workspace: listed at every connection, updated by events, started, stopped.
import { computed, shallowRef } from 'vue'
import { KMeansRequestSchema, type KMeansRequest } from '../../../shared/atlas/trained-codebooks.ts'
import type { TrainedCodebook } from '../../../shared/atlas/trained-codebooks.ts'
import { calls } from '../app/calls.ts'
import { attempt, attemptAgain } from '../app/problems.ts'
import { countWords, progressWords, timeWords } from '../app/words.ts'
import { where } from '../slurm/placement.ts'

/** Newest first; undefined until listed. */
export const trainings = shallowRef<readonly TrainedCodebook[]>()
export const isTrainingOpen = ({ status }: TrainedCodebook) =>
  status.state === 'queued' || status.state === 'running'
export const openTrainings = computed(() => (trainings.value ?? []).filter(isTrainingOpen))

/** Whether the dialog is open. */
export const trainingShown = shallowRef(false)

/** Numbers of the form as typed; undefined while a field is empty. */
export const trainingForm = shallowRef<{
  readonly k: number | undefined
  readonly iterations: number | undefined
}>({
  k: 256,
  iterations: 20,
})
/** Problems by field. */
export const trainingProblems = computed(() => {
  const { k, iterations } = KMeansRequestSchema.shape
  const words = (value: number | undefined, ok: boolean, most: number, least: number) =>
    ok ? undefined : value === undefined ? 'Must be a number' : `From ${least} to ${countWords(most)}`
  return {
    k: words(trainingForm.value.k, k.safeParse(trainingForm.value.k).success, 2 ** 16, 2),
    iterations: words(
      trainingForm.value.iterations,
      iterations.safeParse(trainingForm.value.iterations).success,
      10_000,
      1,
    ),
  }
})

export function putTraining(changed: TrainedCodebook): void {
  const others = (trainings.value ?? []).filter(({ id }) => id !== changed.id)
  trainings.value = [Object.freeze(changed), ...others].sort((a, b) => (a.started < b.started ? 1 : -1))
}

export async function refetchTrainings(): Promise<void> {
  const found = await attemptAgain('Could not list the codebooks', () => calls().listTrainedCodebooks())
  if (found) trainings.value = Object.freeze(found)
}

export const startTraining = (request: KMeansRequest) =>
  attempt('Could not start the K-Means', () => calls().startKMeans(request, where()))
export const stopTraining = (id: string) =>
  attempt('Could not stop the K-Means', () => calls().cancelKMeans(id))
export const resumeTraining = (id: string) =>
  attempt('Could not resume the K-Means', () => calls().resumeKMeans(id))
export const openTraining = (id: string) =>
  attempt('Could not open the codebook', () => calls().openTrainedCodebook(id))

/** `K = 256 · Demo pictures · 14:05`. */
export const trainingName = ({ k, images, started }: TrainedCodebook): string =>
  [`K = ${countWords(k)}`, images, timeWords(started)].join(' · ')

/** Its progress, its result, or why it stopped. */
export function trainingWords({ status, result }: TrainedCodebook): string {
  if (status.state === 'running')
    return `${progressWords(status.step / Math.max(1, status.of))} · ${status.note}`
  if (status.state === 'queued') return 'queued'
  if (status.state === 'failed') return status.error.message
  if (!result) return 'Incomplete'
  return `quantization error ${result.quantisationError.toPrecision(4)}, ${countWords(result.points)} points, ${countWords(result.dead)} dead`
}
