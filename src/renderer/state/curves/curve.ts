// The chart of the shown sweeps: axes, curves and selected points.
import { computed, shallowRef } from 'vue'
import {
  acrossChoices,
  acrossWords,
  curvesOfSweeps,
  metricsOf,
  type Curve,
} from '../../../shared/figures/curves.ts'
import { metricWords } from '../../../shared/figures/metric-words.ts'
import type { SweepPoint } from '../../../shared/sweep/sweeps.ts'
import { address, adjust } from '../app/address.ts'
import { resultColumn } from '../app/column-numbers.ts'
import { curveSources, shownPoints, shownSweep } from './curve-sources.ts'
import { logPoints, shownLog, shownSeries } from './training-logs.ts'

const among = (asked: string | undefined, choices: readonly string[]) =>
  asked !== undefined && choices.includes(asked) ? asked : choices[0]
export const metrics = computed(() => metricsOf(shownPoints.value))
/** A result as text, with the digits of its column. */
const resultFormats = computed(
  () =>
    new Map(
      metrics.value.map((name) => [
        name,
        resultColumn(shownPoints.value.flatMap(({ measured }) => measured?.results[name] ?? [])),
      ]),
    ),
)
export function pointResult({ measured }: SweepPoint, name: string): string {
  const found = measured?.results[name]
  return found === undefined ? '–' : resultFormats.value.get(name)!(found)
}
/** The result, with its error if known. */
export function pointResultAndError(point: SweepPoint, name: string): string {
  const error = point.measured?.errors[name]?.error
  const words = pointResult(point, name)
  return error === undefined ? words : `${words} ± ${resultFormats.value.get(name)!(error)}`
}
export const up = computed(() => among(address.value.query.y, metrics.value))
/** A training log adds updates and epochs, whatever the sweep's checkpoints provide. */
export const acrosses = computed(() => {
  const own = shownSweep.value ? acrossChoices(shownSweep.value, shownPoints.value) : []
  const logged = shownLog.value ? ['updates', 'epoch'] : []
  return [...new Set([...own, ...logged])].filter((name) => name !== up.value)
})
export const across = computed(() => among(address.value.query.x, acrosses.value))

/** A measured point with the shown result. */
export const shownMeasured = computed(() => {
  const name = up.value
  return name === undefined
    ? undefined
    : shownPoints.value.find(({ measured }) => measured?.results[name] !== undefined)?.measured
})
/** Name of the result on the y axis. */
export const upWords = computed(() => metricWords(up.value ?? '', shownMeasured.value))
/** What the bars are; undefined if there are none. */
export const barWords = computed(() => {
  const method = shownPoints.value.find(({ measured }) => measured?.errors[up.value ?? ''])?.measured?.errors[
    up.value ?? ''
  ]?.method
  return method && `bars: 1 standard error (${method})`
})

export const curves = computed<readonly Curve[]>(() =>
  across.value !== undefined && up.value !== undefined
    ? curvesOfSweeps(curveSources.value, across.value, up.value)
    : [],
)
/** The training log over the same axis. */
export const overlay = computed(() => {
  const points = logPoints(across.value)
  return points.length > 0 ? [{ label: shownSeries.value!.tag, points }] : []
})
/** More than one protocol; their points are never joined. */
export const protocols = computed(() => [...new Set(curves.value.map(({ protocol }) => protocol))])

/** The name of a point in the address: its cell, or the full id for another sweep. */
function pointName(run: string): string {
  const own = `${shownSweep.value?.id}@`
  return run.startsWith(own) ? run.slice(own.length) : run
}

/** The point under the pointer, by its samples. */
export const pointed = shallowRef<string>()
const runFor = (name: string | undefined) =>
  curveSources.value.flatMap(({ points }) => points).find(({ run }) => pointName(run) === name)
const chosenFirst = computed(() => runFor(address.value.query.a))
export const chosenSecond = computed(() => runFor(address.value.query.b))
/** The point of the first column: the hovered one while nothing is compared, else the selected one. */
export const firstShown = computed(() => {
  if (chosenSecond.value) return chosenFirst.value
  return runFor(pointed.value && pointName(pointed.value)) ?? chosenFirst.value
})
export const letters = computed<Readonly<Record<string, string>>>(() => ({
  ...(chosenFirst.value ? { [chosenFirst.value.run]: 'A' } : {}),
  ...(chosenSecond.value ? { [chosenSecond.value.run]: 'B' } : {}),
}))

/** Selects a point, or a second one to compare with the first; selecting it again deselects it. */
export function choosePoint(run: string, second: boolean): void {
  const { a, b } = address.value.query
  const cell = pointName(run)
  if (!second || a === undefined)
    return adjust({ a: cell === a && b === undefined ? undefined : cell, b: undefined })
  if (cell !== a) adjust({ b: cell === b ? undefined : cell })
}
export const endComparison = () => adjust({ b: undefined })

/** The point before or after the first one, along the list. */
export function stepPoint(by: number): void {
  const all = shownPoints.value.filter(({ images }) => images > 0)
  const at = all.findIndex(({ run }) => run === chosenFirst.value?.run)
  const next = all[Math.min(all.length - 1, Math.max(0, at + by))]
  if (next) adjust({ a: pointName(next.run) })
}

export const chartLabel = computed(() => {
  const [x, y] = [across.value, up.value]
  if (x === undefined || y === undefined) return 'Curve'
  const count = curves.value.reduce((sum, { points }) => sum + points.length, 0)
  return `${metricWords(y, shownMeasured.value)} against ${acrossWords(x).toLowerCase()}, ${count} ${count === 1 ? 'point' : 'points'}`
})
