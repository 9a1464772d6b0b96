// The curve that the address names: its sweep, what its axes are, the points chosen, and the published values beside it.
import { computed, shallowRef } from 'vue'
import { acrossChoices, acrossWords, curvesOf, metricsOf, type Curve } from '../../shared/figures/curves.ts'
import type { PublishedMark } from '../../shared/figures/chart-option.ts'
import { metricWords } from '../../shared/figures/metric-words.ts'
import {
  CLASS_CONDITIONAL,
  PUBLISHED_TYPES,
  UNCONDITIONAL,
  type PublishedSamples,
} from '../../shared/published.ts'
import type { SweepPoint } from '../../shared/workspace-sweeps.ts'
import { address, adjust } from './address.ts'
import { resultColumn } from './column-numbers.ts'
import { pointsOf, sweepOf, sweeps } from './sweeps.ts'
import { logPoints, shownLog, shownSeries } from './training-logs.ts'

/** The sweep that the address names, else the newest. */
export const shownSweep = computed(
  () => sweepOf(address.value.run) ?? (address.value.run ? undefined : sweeps.value?.[0]),
)
const asked = computed(() => shownSweep.value && pointsOf(shownSweep.value.id))
export const shownPoints = computed<readonly SweepPoint[]>(() =>
  asked.value && 'value' in asked.value ? asked.value.value : [],
)
export const pointsProblem = computed(() =>
  asked.value && 'problem' in asked.value ? asked.value.problem : undefined,
)

const among = (asked: string | undefined, choices: readonly string[]) =>
  asked !== undefined && choices.includes(asked) ? asked : choices[0]
export const metrics = computed(() => metricsOf(shownPoints.value))
/** A result in words, with the digits that its column has. */
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
export const up = computed(() => among(address.value.query.y, metrics.value))
/** With a training log there are updates and epochs, too, whatever the sweep's checkpoints say. */
export const acrosses = computed(() => {
  const own = shownSweep.value ? acrossChoices(shownSweep.value, shownPoints.value) : []
  const logged = shownLog.value ? ['updates', 'epoch'] : []
  return [...new Set([...own, ...logged])].filter((name) => name !== up.value)
})
export const across = computed(() => among(address.value.query.x, acrosses.value))

export const curves = computed<readonly Curve[]>(() =>
  shownSweep.value && across.value !== undefined && up.value !== undefined
    ? curvesOf(shownSweep.value, shownPoints.value, across.value, up.value)
    : [],
)
/** The training log over the same axis. */
export const overlay = computed(() => {
  const points = logPoints(across.value)
  return points.length > 0 ? [{ label: shownSeries.value!.tag, points }] : []
})
/** More than one protocol: their points are never joined. */
export const protocols = computed(() => [...new Set(curves.value.map(({ protocol }) => protocol))])

/** The point under the pointer, by its samples. */
export const pointed = shallowRef<string>()
const runFor = (cell: string | undefined) =>
  shownPoints.value.find(({ run }) => cell !== undefined && run.endsWith(`@${cell}`))
const chosenFirst = computed(() => runFor(address.value.query.a))
export const chosenSecond = computed(() => runFor(address.value.query.b))
/** What the first column shows: what is pointed at while nothing is compared, else what was chosen. */
export const firstShown = computed(() => {
  if (chosenSecond.value) return chosenFirst.value
  return shownPoints.value.find(({ run }) => run === pointed.value) ?? chosenFirst.value
})
export const letters = computed<Readonly<Record<string, string>>>(() => ({
  ...(chosenFirst.value ? { [chosenFirst.value.run]: 'A' } : {}),
  ...(chosenSecond.value ? { [chosenSecond.value.run]: 'B' } : {}),
}))

const cellOf = (run: string) => run.slice(run.indexOf('@') + 1)
/** Chooses a point, or a second one to compare with the first; the one that is chosen already is let go. */
export function choosePoint(run: string, second: boolean): void {
  const { a, b } = address.value.query
  const cell = cellOf(run)
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
  if (next) adjust({ a: cellOf(next.run) })
}

export const PUBLISHED_SIZES = [
  { value: 'all', text: 'Any size', from: 0, to: Infinity },
  { value: 'small', text: 'Below 300M', from: 0, to: 300 },
  { value: 'middle', text: '300M to 1B', from: 300, to: 1000 },
  { value: 'large', text: 'Above 1B', from: 1000, to: Infinity },
] as const

/** Whether, and which: `published=off`, `table`, `type`, `size` in the address. */
export const publishedFilter = computed(() => {
  const { published, table, type, size } = address.value.query
  return {
    shown: published === 'on',
    table: table === 'classes' ? 'classes' : 'plain',
    type: PUBLISHED_TYPES.find((known) => known === type),
    size: PUBLISHED_SIZES.find(({ value }) => value === size) ?? PUBLISHED_SIZES[0],
  } as const
})

const FIELDS: Readonly<Record<string, (row: PublishedSamples) => number | undefined>> = {
  frechet_inception_distance: ({ fid }) => fid.value,
  inception_score_mean: ({ inceptionScore }) => inceptionScore?.value,
  epoch: ({ epochs }) => epochs,
}
/** Values that are published stand beside FID and IS alone: other distances are not comparable. */
export const isPublished = (name: string | undefined) =>
  name !== undefined && name !== 'epoch' && name in FIELDS

export const publishedMarks = computed<readonly PublishedMark[]>(() => {
  const { shown, table, type, size } = publishedFilter.value
  const field = up.value === undefined ? undefined : FIELDS[up.value]
  if (!shown || !field || !isPublished(up.value)) return []
  const rows = table === 'classes' ? CLASS_CONDITIONAL : UNCONDITIONAL
  const place = FIELDS[across.value ?? '']
  return rows.flatMap((row) => {
    const y = field(row)
    const { value } = row.parameters
    if (y === undefined || (type && row.type !== type) || value < size.from || value >= size.to) return []
    const x = place?.(row)
    if (place && x === undefined) return []
    const label = `${row.method} ${row.parameters.text}${row.guided ? '*' : ''}`
    return [{ label, y, ...(x === undefined ? {} : { x }) }]
  })
})

export const chartLabel = computed(() => {
  const [x, y] = [across.value, up.value]
  if (x === undefined || y === undefined) return 'Curve'
  const count = curves.value.reduce((sum, { points }) => sum + points.length, 0)
  return `${metricWords(y)} against ${acrossWords(x).toLowerCase()}, ${count} ${count === 1 ? 'point' : 'points'}`
})
