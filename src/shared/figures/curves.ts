// The points of a sweep -> curves: one for each protocol and each combination of the values that are not on
// the x axis.
import { drawnTogether, type SeriesMeasured } from '../evaluation/how-measured.ts'
import type { AxisName } from '../sweep/axes.ts'
import type { MeasuredPoint, SweepPoint, WorkspaceSweep } from '../sweep/sweeps.ts'
import { METRIC_WORDS, metricWords } from './metric-words.ts'
import type { PanelOf, Series } from './panels.ts'

/**
 * Possible x axes: an axis of the sweep, `epoch` or `updates` of its checkpoints, or a result (a trade-off).
 */
export type AcrossName = string

export interface CurvePoint {
  readonly x: number
  readonly y: number
  /** Its samples. */
  readonly run: string
  /** One standard error, if one is known. */
  readonly error?: number
  /** In a trade-off of two results: the setting that its line follows, `1.5`. */
  readonly setting?: string
}
export interface Curve {
  /** What distinguishes it from the others: `top-k 200`, or the protocol. */
  readonly label: string
  readonly protocol: string
  /** How its first value was measured; all others alike, but for how their samples were drawn. */
  readonly measured?: MeasuredPoint
  /** In drawing order. */
  readonly points: readonly CurvePoint[]
}

type SweepValues = Pick<WorkspaceSweep, 'axes' | 'checkpoints'>

/** Names of the axes in charts and forms. */
export const ACROSS_WORDS: Readonly<Record<AxisName | 'epoch' | 'updates', string>> = {
  generator: 'Generator',
  checkpoint: 'Checkpoint',
  'stage2-checkpoint': 'Stage 2 checkpoint',
  weights: 'Precision, bits',
  temperature: 'Temperature',
  topk: 'Top-k',
  topp: 'Top-p',
  'stage2-temperature': 'Stage 2 temperature',
  'stage2-topk': 'Stage 2 top-k',
  'stage2-topp': 'Stage 2 top-p',
  steps: 'Decoding steps',
  'choice-temperature': 'Choice temperature',
  guidance: 'Guidance',
  'guidance-power': 'Guidance power',
  seed: 'Seed',
  count: 'Images',
  epoch: 'Epoch',
  updates: 'Update',
}
export const acrossWords = (name: AcrossName): string =>
  (ACROSS_WORDS as Readonly<Record<string, string>>)[name] ?? metricWords(name)

/** Possible x axes of a sweep, the most likely first. */
export function acrossChoices(
  { axes, checkpoints }: SweepValues,
  points: readonly SweepPoint[],
): AcrossName[] {
  const known = Object.values(checkpoints)
  const training = (['epoch', 'updates'] as const).filter((field) =>
    known.some((checkpoint) => checkpoint[field] !== undefined),
  )
  const own = axes.map(({ name }) => name)
  const isCheckpoint = (name: AxisName) => name === 'checkpoint' || name === 'stage2-checkpoint'
  const numbers = own.filter((name) => !isCheckpoint(name))
  const widest = [...numbers].sort((a, b) => valuesOf(axes, b).length - valuesOf(axes, a).length)
  const ordered = own.some(isCheckpoint)
    ? [...training, ...own.filter(isCheckpoint), ...widest]
    : [...widest, ...training]
  return [...ordered, ...metricsOf(points)]
}

/** Results that at least one point has, the main ones first. */
export function metricsOf(points: readonly SweepPoint[]): string[] {
  const there = new Set(points.flatMap(({ measured }) => Object.keys(measured?.results ?? {})))
  const known = Object.keys(METRIC_WORDS)
  return [...known.filter((name) => there.has(name)), ...[...there].filter((name) => !known.includes(name))]
}

const valuesOf = (axes: WorkspaceSweep['axes'], name: AcrossName) =>
  axes.find((axis) => axis.name === name)?.values ?? []

/** Position of a point on the x axis; undefined if it has none. Checkpoints are placed by list index. */
export function acrossValue(sweep: SweepValues, point: SweepPoint, across: AcrossName): number | undefined {
  if (across === 'epoch' || across === 'updates') {
    const key = point.values.checkpoint ?? point.values['stage2-checkpoint']
    return key === undefined ? undefined : sweep.checkpoints[String(key)]?.[across]
  }
  const value = point.values[across as AxisName]
  if (typeof value === 'number') return value
  if (typeof value === 'string') return valuesOf(sweep.axes, across).indexOf(value)
  return point.measured?.results[across]
}

/** A sweep whose curves share a chart with those of others. */
export interface CurveSource {
  /** What distinguishes it from the others; empty if it is the only one. */
  readonly name: string
  readonly sweep: SweepValues
  readonly points: readonly SweepPoint[]
}

/** Never connects points of different protocols. Points without the result or an x value are omitted. */
export const curvesOf = (
  sweep: SweepValues,
  points: readonly SweepPoint[],
  across: AcrossName,
  up: string,
): Curve[] => curvesOfSweeps([{ name: '', sweep, points }], across, up)

/**
 * The same for several sweeps, each curve with its sweep's name. Checkpoint positions exist only within one
 * sweep: with checkpoints on the x axis, only the first sweep is drawn.
 */
export function curvesOfSweeps(sources: readonly CurveSource[], across: AcrossName, up: string): Curve[] {
  const isPlace = across === 'checkpoint' || across === 'stage2-checkpoint'
  const curves = sources
    .slice(0, isPlace ? 1 : sources.length)
    .flatMap(({ name, sweep, points }) =>
      linesOf(sweep, points, across, up).map((line) => ({ ...line, words: [name, line.label] })),
    )
  const apart = differingParts(curves.map(({ protocol }) => protocol))
  return curves.map(({ words, ...curve }, i) => {
    const told = [...words, apart[i]!].filter((one) => one !== '')
    return { ...curve, label: told.join(' · ') || metricWords(up, curve.measured) }
  })
}

/** What distinguishes texts whose parts are separated by commas: `n = 64`; empty if all are equal. */
function differingParts(texts: readonly string[]): string[] {
  if (new Set(texts).size < 2) return texts.map(() => '')
  const parts = texts.map((text) => text.split(', '))
  const isShared = (part: string) => parts.every((other) => other.includes(part))
  return parts.map((own) => (own.every(isShared) ? own : own.filter((part) => !isShared(part))).join(', '))
}

/**
 * One for each protocol and each combination of the values that are not on the x axis, which form its label.
 */
function linesOf(sweep: SweepValues, points: readonly SweepPoint[], across: AcrossName, up: string): Curve[] {
  const joined = joinedAxis(sweep, across)
  const isResult = !(across in ACROSS_WORDS)
  const others = sweep.axes.filter(({ name, values }) => name !== joined && values.length > 1)
  const groups = new Map<
    string,
    {
      label: string
      protocol: string
      ways: MeasuredPoint[]
      found: (CurvePoint & { at: number })[]
    }
  >()
  for (const point of points) {
    const [x, y] = [acrossValue(sweep, point, across), point.measured?.results[up]]
    if (x === undefined || y === undefined || !point.measured) continue
    const { protocol, errors } = point.measured
    const error = errors[up]?.error
    const label = others.map(({ name }) => valueWords(sweep, name, point.values[name])).join(', ')
    const key = `${protocol}|${label}`
    const group = groups.get(key) ?? { label, protocol, ways: [], found: [] }
    groups.set(key, group)
    group.ways.push(point.measured)
    const along = isResult && joined !== undefined ? joined : undefined
    const at = along === undefined ? x : (acrossValue(sweep, point, along) ?? x)
    const value = along && point.values[along]
    group.found.push({
      ...{ x, y, run: point.run, at },
      ...(error === undefined ? {} : { error }),
      ...(typeof value === 'number' ? { setting: String(value) } : {}),
    })
  }
  return [...groups.values()].map(({ found, ways, ...group }) => ({
    ...group,
    measured: { ...ways[0]!, ...drawnTogether(ways) },
    points: found.sort((a, b) => a.at - b.at).map(({ at: _, ...point }) => point),
  }))
}

/** The axis that a line follows: the x axis; for a trade-off, the one with most values. */
export function joinedAxis({ axes }: SweepValues, across: AcrossName): AxisName | undefined {
  if (across === 'epoch' || across === 'updates')
    return axes.find(({ name }) => name === 'checkpoint' || name === 'stage2-checkpoint')?.name
  if (axes.some(({ name }) => name === across)) return across as AxisName
  return [...axes].sort((a, b) => b.values.length - a.values.length)[0]?.name
}

/** `temperature 0.9`, or the checkpoint's name. */
export function valueWords(sweep: SweepValues, name: AxisName, value: number | string | undefined): string {
  if (typeof value !== 'string') return `${acrossWords(name).toLowerCase()} ${value ?? '–'}`
  return sweep.checkpoints[value]?.name ?? value
}

/** In the format of a chart's series. */
export function pointsWithErrors(points: readonly CurvePoint[]): Pick<Series, 'points' | 'errors'> {
  const hasErrors = points.some(({ error }) => error !== undefined)
  return {
    points: points.map(({ x, y }): [number, number] => [x, y]),
    ...(hasErrors ? { errors: points.map(({ error }) => error ?? 0) } : {}),
  }
}

const seriesMeasured = (
  { metric, extractor, samples, reference, settings, badges, drawn, errors }: MeasuredPoint,
  result: string,
): SeriesMeasured => ({
  ...{ metric, extractor, samples, reference, settings, badges, result },
  ...(drawn === undefined ? {} : { drawn }),
  ...(errors[result] ? { error: errors[result].method } : {}),
})

/**
 * The curves as a panel of a figure.json; a chart on paper has a single protocol, so the first one is kept.
 */
export function curvesPanel(
  curves: readonly Curve[],
  across: AcrossName,
  up: string,
  references: readonly { readonly label: string; readonly y: number }[] = [],
): PanelOf<'chart'> {
  const [first] = curves
  return {
    kind: 'chart',
    x: { label: acrossWords(across), scale: 'linear' },
    y: { label: metricWords(up, first?.measured), scale: 'linear' },
    series: curves
      .filter(({ protocol }) => protocol === first?.protocol)
      .slice(0, 12)
      .map(({ label, protocol, measured, points }) => ({
        label,
        protocol,
        ...(measured ? { how: seriesMeasured(measured, up) } : {}),
        line: 'solid',
        marks: true,
        ...pointsWithErrors(points),
      })),
    references: references.slice(0, 8),
    legend: curves.length > 1 ? 'above' : 'none',
    aspect: 0.6,
  }
}
