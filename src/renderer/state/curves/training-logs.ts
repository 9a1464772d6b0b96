// Training logs in the chart: the list, the log and tag selected in the address, and its points.
import { computed, shallowRef } from 'vue'
import { MAX_HANDED_BYTES } from '../../../shared/contract/handed-pictures.ts'
import type { LogSeries, TrainingLog } from '../../../shared/evaluation/training-logs.ts'
import { address, adjust, ifStillHere } from '../app/address.ts'
import { asking } from '../app/asking.ts'
import { calls } from '../app/calls.ts'
import { attempt, attemptAgain, report } from '../app/problems.ts'
import { byteWords } from '../app/words.ts'

export const logs = shallowRef<readonly TrainingLog[]>([])
const contents = asking(4, (id) => calls().readLog(id))

export async function refetchLogs(): Promise<void> {
  const found = await attemptAgain('Could not list the training logs', () => calls().listLogs())
  if (found) logs.value = found
}

export const shownLog = computed(() => logs.value.find(({ id }) => id === address.value.query.tb))
const asked = computed(() => shownLog.value && contents.of(shownLog.value.id))
export const logProblem = computed(() =>
  asked.value && 'problem' in asked.value ? asked.value.problem : undefined,
)
/** The tags of the log that is shown. */
export const logSeries = computed<readonly LogSeries[]>(() =>
  asked.value && 'value' in asked.value ? asked.value.value.series : [],
)
/** Notes about parts that could not be read. */
export const logNotes = computed<readonly string[]>(() =>
  asked.value && 'value' in asked.value ? asked.value.value.notes : [],
)
/** The default: the loss on held-out pictures. */
const LIKELY = /^(valid\/)?(valid_)?loss$/
export const shownSeries = computed(
  () =>
    logSeries.value.find(({ tag }) => tag === address.value.query.tag) ??
    logSeries.value.find(({ tag }) => LIKELY.test(tag)) ??
    logSeries.value[0],
)

/** Its points over `updates` or `epoch`; none over other axes, which a log does not have. */
export function logPoints(across: string | undefined): (readonly [number, number])[] {
  const series = shownSeries.value
  const places = across === 'updates' ? series?.steps : across === 'epoch' ? series?.epochs : undefined
  if (!series || !places) return []
  return Array.from(series.values, (value, i) => [places[i]!, value] as const)
}

/** Saves a log and shows it. */
export async function addLog(file: File): Promise<void> {
  if (file.size > MAX_HANDED_BYTES)
    return report(
      'Could not add the log',
      new Error(
        `${file.name}: file too large (found ${byteWords(file.size)}, at most ${byteWords(MAX_HANDED_BYTES)}). A log next to its checkpoints is found there, whatever its size`,
      ),
    )
  const ifHere = ifStillHere()
  const bytes = new Uint8Array(await file.arrayBuffer())
  const log = await attempt('Could not add the log', () => calls().addLog(file.name, bytes))
  if (!log) return
  await refetchLogs()
  ifHere(() => showLog(log.id))
}

export async function removeLog({ id }: TrainingLog): Promise<void> {
  const ifHere = ifStillHere()
  await attempt('Could not remove the log', () => calls().removeLog(id))
  ifHere(() => showLog(undefined))
  await refetchLogs()
}

/** A log is drawn over training progress, so the x axis switches to it. */
export function showLog(id: string | undefined): void {
  const { x } = address.value.query
  const across = x === 'epoch' || x === 'updates' ? x : 'updates'
  adjust({ tb: id, tag: undefined, ...(id === undefined ? {} : { x: across }) })
}
