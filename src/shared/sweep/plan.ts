// A sampling run and axes -> the cells of a sweep: one sampling run for each combination of values.
import { LAYOUTS } from '../grid/layout.ts'
import { SampleSpecSchema, type GeneratorSpec, type SampleSpec } from '../run/run.ts'
import { familyOf, presetsOf } from '../generators/families.ts'
import { AXIS_NAMES, axisRow, drawerTitle, type Axis, type AxisName } from './axes.ts'

export interface Cell {
  /** Name of its folder, derived only from its values: unchanged when the sweep is extended. */
  readonly name: string
  readonly values: Readonly<Record<string, number | string>>
  /** `out` is the sweep's folder: the runner decides where cells are stored. */
  readonly spec: SampleSpec
}

export interface SweepCost {
  readonly cells: number
  readonly images: number
  /** Transformer forward passes: one per token (AR) or step (NAR) of each image. */
  readonly passes: number
}

const MOST_CELLS = 10_000

/**
 * Every combination, the most expensive axis changing least often. Throws Error for an axis given twice, for
 * mutually exclusive settings, and for anything a sampling run would reject.
 */
export function planSweep(base: SampleSpec, axes: readonly Axis[]): Cell[] {
  if (axes.length === 0) throw new Error('a sweep needs at least one axis')
  const names = axes.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice) throw new Error(`axis ${twice}: given twice`)
  const drawers = axes.find(({ name }) => name === 'generator')?.values
  for (const spec of drawers?.map((value) => axisRow('generator').set(base, value)) ?? [base])
    if (spec.generator) checkGeneratorAxes(spec.generator, names)
    else checkDigitAxes(spec, names)
  const count = axes.reduce((product, { values }) => product * values.length, 1)
  if (count > MOST_CELLS) throw new Error(`too many cells (found ${count}, maximum ${MOST_CELLS})`)

  const ordered = axes
    .map((axis, at) => ({ axis, at }))
    .sort((a, b) => axisRow(b.axis.name).cost - axisRow(a.axis.name).cost || a.at - b.at)
    .map(({ axis }) => axis)
  let cells: Cell[] = [{ name: '', values: {}, spec: base }]
  for (const axis of ordered)
    cells = cells.flatMap(({ name, values, spec }) =>
      axis.values.map((value) => ({
        name: [...(name === '' ? [] : [name]), `${axis.name}${folderWord(value)}`].join('-'),
        values: { ...values, [axis.name]: value },
        spec: axisRow(axis.name).set(spec, value),
      })),
    )
  for (const { name, spec } of cells) {
    const { success, error } = SampleSpecSchema.safeParse(spec)
    if (!success)
      throw new Error(
        `${name}: ${error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
      )
  }
  return cells
}

/** Axes of any run, whatever draws. */
const COMMON: readonly AxisName[] = ['generator', 'seed', 'count']
/** Axes of settings that DiGIT does not have. */
const NOT_OF_DIGIT: readonly AxisName[] = ['guidance', 'guidance-power']

/** The axes of what draws: of another generator those of its settings. */
export function axesOf({ generator }: Pick<SampleSpec, 'generator'>): readonly AxisName[] {
  if (!generator) return AXIS_NAMES.filter((name) => !NOT_OF_DIGIT.includes(name))
  const { settings } = familyOf(generator.family)
  return AXIS_NAMES.filter((name) => {
    const { setting } = axisRow(name)
    return COMMON.includes(name) || (setting !== undefined && settings.includes(setting))
  })
}

function checkGeneratorAxes(generator: GeneratorSpec, names: readonly AxisName[]): void {
  const odd = names.find((name) => !axesOf({ generator }).includes(name))
  if (odd) throw new Error(`axis ${odd}: not a setting of ${familyOf(generator.family).title}`)
}

function checkDigitAxes(base: SampleSpec, names: readonly AxisName[]): void {
  for (const [k, p] of [
    ['topk', 'topp'],
    ['stage2-topk', 'stage2-topp'],
  ] as const)
    if (names.includes(k) && names.includes(p))
      throw new Error(`axes ${k} and ${p}: mutually exclusive; sweep them separately`)
  const isMasked = names.find((name) => name === 'steps' || name === 'choice-temperature')
  if (isMasked && base.stage2 !== 'nar') throw new Error(`axis ${isMasked}: only for stage 2 nar`)
  const isGuided = names.find((name) => NOT_OF_DIGIT.includes(name))
  if (isGuided) throw new Error(`axis ${isGuided}: only for other generators than DiGIT`)
}

/**
 * The same cells, matched by values, with their names in a sweep's record, because folders keep the axis names of
 * earlier versions.
 */
export function namedAsIn<C extends Pick<Cell, 'name' | 'values'>>(
  recorded: readonly Pick<Cell, 'name' | 'values'>[],
  cells: readonly C[],
): C[] {
  const key = ({ values }: Pick<Cell, 'values'>) => JSON.stringify(Object.entries(values).sort())
  const names = new Map(recorded.map((cell) => [key(cell), cell.name]))
  return cells.map((cell) => ({ ...cell, name: names.get(key(cell)) ?? cell.name }))
}

/**
 * `temperature 0.9, topk 100`: a cell described by its axes; a checkpoint by the last two parts of its path, what draws by
 * its title.
 */
export function cellWords({ values }: Pick<Cell, 'values'>): string {
  const short = (value: number | string) => String(value).split(/[\\/]/).slice(-2).join('/')
  return Object.entries(values)
    .map(([name, value]) =>
      name === 'generator' ? drawerTitle(String(value)) : `${name.replaceAll('-', ' ')} ${short(value)}`,
    )
    .join(', ')
}

export function sweepCost(cells: readonly Cell[]): SweepCost {
  const images = cells.reduce((sum, { spec }) => sum + spec.count, 0)
  const passes = cells.reduce((sum, { spec }) => sum + spec.count * passesOf(spec), 0)
  return { cells: cells.length, images, passes }
}

/** Of an image. */
function passesOf({ generator, stage2, masked }: SampleSpec): number {
  const [tokens, codes] = LAYOUTS.digit.map(({ grid }) => grid.cells) as [number, number]
  if (!generator) return tokens + (stage2 === 'nar' ? masked.steps : codes)
  const { family, settings, side } = generator
  return settings.steps ?? presetsOf(family)[0]!.values.steps ?? (side === undefined ? codes : side * side)
}

/** Paths become their last two parts and a digest: many checkpoints are called checkpoint_last.pt. */
export function folderWord(value: number | string): string {
  if (typeof value === 'number') return String(value)
  const parts = value.split(/[\\/]/).slice(-2).join('-')
  return `-${parts.replace(/[^\w.-]+/g, '_').slice(-60)}-${digest(value)}`
}

/** FNV-1a, 32 bits, in hexadecimal. */
function digest(text: string): string {
  let hash = 2166136261
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
