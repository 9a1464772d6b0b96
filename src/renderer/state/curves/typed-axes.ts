// Axes as they are typed in a form -> their values, their problems, and the cells they make.
import type { SampleSpec } from '../../../shared/run/run.ts'
import { axisRow, type Axis, type AxisName } from '../../../shared/sweep/axes.ts'
import { planSweep, type Cell } from '../../../shared/sweep/plan.ts'
import { parseValues } from '../../../shared/sweep/values.ts'
import { classesOf, generatorName, generators, type OpenGenerator } from '../models/generators.ts'
import { abilities, modelSet } from '../models/models-in-use.ts'

export interface TypedAxis {
  readonly name: AxisName
  /** In the mini-language. */
  readonly text: string
  /** Ids of the chosen files, on an axis of checkpoints, or of families; undefined: all that fit, also those found later. */
  readonly files: readonly string[] | undefined
}

/** Values to begin with. */
export const EXAMPLES: Readonly<Partial<Record<AxisName, string>>> = {
  temperature: '0.7-1.2 (+0.1)',
  topk: '50-400 [8]',
  topp: '0.5-1 (+0.1)',
  'stage2-temperature': '0.7-1.2 (+0.1)',
  'stage2-topk': '50-400 [8]',
  'stage2-topp': '0.5-1 (+0.1)',
  steps: '4, 8, 16',
  'choice-temperature': '0-9 [4]',
  guidance: '1, 1.5, 2, 4',
  'guidance-power': '0-3 [4]',
  weights: '32, 8, 4',
  seed: '0-2',
  count: '64, 128, 256',
}

/** The axes with another in place of each that what draws does not have. */
export function fittingAxes(axes: readonly TypedAxis[], names: readonly AxisName[]): readonly TypedAxis[] {
  const own = axes.filter(({ name }) => names.includes(name))
  if (own.length === axes.length) return axes
  const name = names.find((one) => one === 'guidance') ?? names.find((one) => EXAMPLES[one])!
  return own.length > 0 ? own : [{ name, text: EXAMPLES[name] ?? '', files: undefined }]
}

/** Whether values are chosen from a list: checkpoints, or what draws. */
export const isListAxis = (name: AxisName) => axisRow(name).kind === undefined

/** A value to choose. */
export interface AxisOption {
  readonly id: string
  readonly text: string
  readonly title?: string
  readonly detail?: string
}

/** What can draw the classes of a verdict: the generator of the base, and others whose files say their heads. */
export function drawersFor({ classes, generator }: Base): readonly AxisOption[] {
  const byClass = classes.length > 0
  const { unconditional, classes: byClasses } = abilities.value
  const usable = generators.value.filter(({ match }) => match.lacks === undefined)
  const fits = (one: OpenGenerator) =>
    one.file.id === generator?.file || (!one.needsHeads && classesOf(one) > 0 === byClass)
  const isOnly = ({ match: { family } }: OpenGenerator) =>
    generators.value.filter((other) => other.match.family === family).length === 1
  return [
    ...((byClass ? byClasses : unconditional) ? [{ id: 'digit', text: 'DiGIT' }] : []),
    ...usable.filter(fits).map((one) => ({
      id: isOnly(one) ? one.match.family : `${one.match.family}:${one.file.id}`,
      text: generatorName(one),
      title: one.file.path,
    })),
  ]
}

/** What an axis can be chosen from. */
export const optionsFor = (name: AxisName, base: Base): readonly AxisOption[] =>
  name === 'generator'
    ? drawersFor(base)
    : checkpointsFor(name, base).map(({ id, path, facts }) => ({
        id,
        text: shortPath(path),
        title: path,
        ...(facts.epoch === undefined ? {} : { detail: `epoch ${String(facts.epoch)}` }),
      }))

const shortPath = (path: string) =>
  path
    .split('/')
    .filter((part) => part !== 'checkpoints')
    .slice(-2)
    .join('/')

/** What decides which checkpoints fit. */
type Base = Pick<SampleSpec, 'classes' | 'stage2' | 'generator'>

/** Files for an axis of checkpoints, sorted by epoch if known. */
export function checkpointsFor(name: AxisName, { classes, stage2 }: Base) {
  const isFirst = name === 'checkpoint'
  const kind = isFirst ? 'stage1' : stage2 === 'ar' ? 'stage2-ar' : 'stage2-nar'
  const files = (modelSet.value?.files ?? []).filter((file) => file.kind === kind && !file.problem)
  const fits = files.filter(({ facts }) => !isFirst || Number(facts.classes ?? 0) > 0 === classes.length > 0)
  const epoch = ({ facts }: (typeof files)[number]) => Number(facts.epoch ?? facts.updates ?? Infinity)
  return fits.sort((a, b) => epoch(a) - epoch(b))
}

/**
 * Ids of the chosen options of an axis that fit: files, or families.
 * @param all also those that do not fit: of a sweep that is extended
 */
export function filesOf({ name, files }: TypedAxis, base: Base, all = false): readonly string[] {
  if (files && all) return files
  const fitting = optionsFor(name, base).map(({ id }) => id)
  return files ? fitting.filter((id) => files.includes(id)) : fitting
}

export interface CheckedAxes {
  /** By index of the axis in the form. */
  readonly problems: readonly (string | undefined)[]
  readonly axes: readonly Axis[] | undefined
  /** The problem of all axes together. */
  readonly problem: string | undefined
  readonly cells: readonly Cell[]
}

/** @param all of `filesOf` */
export function checkTyped(typed: readonly TypedAxis[], base: SampleSpec, all = false): CheckedAxes {
  const parsed = typed.map((axis) => {
    const { name, text } = axis
    const { kind } = axisRow(name)
    try {
      const values = kind ? parseValues(text, kind) : filesOf(axis, base, all)
      return values.length > 0 ? { axis: { name, values } } : { problem: 'Select at least one' }
    } catch (error) {
      return { problem: (error as Error).message }
    }
  })
  const problems = parsed.map(({ problem }) => problem)
  const axes = parsed.flatMap(({ axis }) => axis ?? [])
  const none = { problems, axes: undefined, cells: [] }
  if (axes.length < typed.length) return { ...none, problem: undefined }
  try {
    return { problems, axes, cells: planSweep(base, axes), problem: undefined }
  } catch (error) {
    return { ...none, problem: (error as Error).message }
  }
}

/** The request that a base for checking stands for. */
export function requestOfBase(base: SampleSpec) {
  const { kind: _kind, model: _model, out: _out, choose: _choose, shards: _n, shard: _i, ...request } = base
  return request
}
