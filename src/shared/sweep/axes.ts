// The settings a sweep can vary: their values, and what they change in a sampling run.
import { DIGIT_GRID } from '../grid/layout.ts'
import { FAMILIES, FAMILY_NAMES, type FamilyName } from '../generators/families.ts'
import type { ModelRole } from '../models/models.ts'
import type { SettingName } from '../generators/settings.ts'
import { presentAxis } from '../run/earlier-names.ts'
import type { SampleSpec } from '../run/run.ts'
import { parseValues, type ValueKind } from './values.ts'

export interface Axis {
  readonly name: AxisName
  readonly values: readonly (number | string)[]
}

interface AxisRow {
  /** Undefined: values are names, or paths. */
  readonly kind?: ValueKind
  readonly names?: readonly string[]
  /** The axis that is most expensive to change is outermost: opening a checkpoint costs most. */
  readonly cost: number
  readonly words: string
  /** What it is of other generators than DiGIT, if they have it. */
  readonly setting?: SettingName
  set(spec: SampleSpec, value: number | string): SampleSpec
}

const WHOLE = (least: number, most: number): ValueKind => ({ whole: true, least, most })
const REAL = (least: number, most: number): ValueKind => ({ whole: false, least, most })

const stage1Sampling = (spec: SampleSpec, change: Partial<SampleSpec['stage1Sampling']>): SampleSpec => ({
  ...spec,
  stage1Sampling: { ...spec.stage1Sampling, ...change },
})
const stage2Sampling = (spec: SampleSpec, change: Partial<SampleSpec['stage2Sampling']>): SampleSpec => ({
  ...spec,
  stage2Sampling: { ...spec.stage2Sampling, ...change },
})
const masked = (spec: SampleSpec, change: Partial<SampleSpec['masked']>): SampleSpec => ({
  ...spec,
  masked: { ...spec.masked, ...change },
})
/** A setting of another generator, if that draws; else of DiGIT. */
const drawing = (
  spec: SampleSpec,
  setting: SettingName,
  value: number | string,
  ofDigit: (spec: SampleSpec) => SampleSpec,
): SampleSpec =>
  spec.generator
    ? {
        ...spec,
        generator: {
          ...spec.generator,
          settings: { ...spec.generator.settings, [setting]: Number(value) },
        },
      }
    : ofDigit(spec)
/** A setting that DiGIT does not have: `planSweep` refuses it there. */
const ofGenerator =
  (setting: SettingName) =>
  (spec: SampleSpec, value: number | string): SampleSpec =>
    drawing(spec, setting, value, (spec) => spec)

const choose = (spec: SampleSpec, role: ModelRole, path: string): SampleSpec => ({
  ...spec,
  choose: { ...spec.choose, [role]: path },
})

const DIGIT = 'digit'
/** A value of the axis `generator`: `digit`, `rar`, or `rar:FILE` where several models of the family are open. */
export function drawerOf(value: string): { readonly family: string; readonly file?: string } {
  const [family = '', ...file] = value.split(':')
  return file.length > 0 ? { family, file: file.join(':') } : { family }
}
/** The value with another name of its file: pages have ids instead of paths. */
export function withDrawerFile(value: string, nameOf: (file: string) => string): string {
  const { family, file } = drawerOf(value)
  return file === undefined ? value : `${family}:${nameOf(file)}`
}
/** `RAR`, or `RAR rar/rar_xl.bin`: with the last two parts of the file's path that say something. */
export function drawerTitle(value: string): string {
  const { family, file } = drawerOf(value)
  const title = family in FAMILIES ? FAMILIES[family as FamilyName].title : 'DiGIT'
  const parts = file?.split(/[\\/]/).filter((part) => part !== 'checkpoints') ?? []
  return [title, parts.slice(-2).join('/')].join(' ').trim()
}
/** The generator of the run keeps its settings; another draws with its published ones. */
function drawnBy(spec: SampleSpec, value: string): SampleSpec {
  const { family, file } = drawerOf(value)
  const { generator, ...digit } = spec
  if (family === generator?.family && (file === undefined || file === generator.file)) return spec
  if (family === DIGIT) return digit
  const named = file === undefined ? {} : { file }
  return { ...digit, weightBits: 32, generator: { family: family as FamilyName, ...named, settings: {} } }
}

/** Setting top-k disables top-p and vice versa: fairseq uses one or the other. */
export const AXES = {
  generator: {
    names: [DIGIT, ...FAMILY_NAMES],
    cost: 4,
    words: `what draws, in a verdict: ${[DIGIT, ...FAMILY_NAMES].join(', ')}; FAMILY:FILE for one of several`,
    set: (spec, value) => drawnBy(spec, String(value)),
  },
  checkpoint: {
    cost: 3,
    words: 'stage 1 checkpoints (paths)',
    set: (spec, value) => choose(spec, spec.classes.length > 0 ? 'stage1Class' : 'stage1', String(value)),
  },
  'stage2-checkpoint': {
    cost: 2,
    words: 'stage 2 checkpoints (paths)',
    set: (spec, value) => choose(spec, spec.stage2 === 'ar' ? 'stage2Ar' : 'stage2Nar', String(value)),
  },
  weights: {
    kind: WHOLE(4, 32),
    cost: 1,
    words: 'precision in bits: 32, 16, 8, 4',
    set: (spec, value) => ({ ...spec, weightBits: Number(value) as SampleSpec['weightBits'] }),
  },
  temperature: {
    kind: REAL(0.01, 100),
    cost: 0,
    words: 'stage 1 temperature',
    setting: 'temperature',
    set: (spec, value) =>
      drawing(spec, 'temperature', value, (spec) => stage1Sampling(spec, { temperature: Number(value) })),
  },
  topk: {
    kind: WHOLE(0, 2 ** 20),
    cost: 0,
    words: 'stage 1 top-k',
    setting: 'topK',
    set: (spec, value) =>
      drawing(spec, 'topK', value, (spec) => stage1Sampling(spec, { topK: Number(value), topP: 0 })),
  },
  topp: {
    kind: REAL(0, 1),
    cost: 0,
    words: 'stage 1 top-p',
    setting: 'topP',
    set: (spec, value) =>
      drawing(spec, 'topP', value, (spec) => stage1Sampling(spec, { topP: Number(value), topK: 0 })),
  },
  'stage2-temperature': {
    kind: REAL(0.01, 100),
    cost: 0,
    words: 'stage 2 temperature',
    set: (spec, value) => stage2Sampling(spec, { temperature: Number(value) }),
  },
  'stage2-topk': {
    kind: WHOLE(0, 2 ** 20),
    cost: 0,
    words: 'stage 2 top-k',
    set: (spec, value) => stage2Sampling(spec, { topK: Number(value), topP: 0 }),
  },
  'stage2-topp': {
    kind: REAL(0, 1),
    cost: 0,
    words: 'stage 2 top-p',
    set: (spec, value) => stage2Sampling(spec, { topP: Number(value), topK: 0 }),
  },
  steps: {
    kind: WHOLE(1, DIGIT_GRID.cells),
    cost: 0,
    words: 'stage 2 nar: decoding steps',
    setting: 'steps',
    set: (spec, value) => drawing(spec, 'steps', value, (spec) => masked(spec, { steps: Number(value) })),
  },
  'choice-temperature': {
    kind: REAL(0, 1000),
    cost: 0,
    words: 'stage 2 nar: noise added to the confidence',
    setting: 'choiceTemperature',
    set: (spec, value) =>
      drawing(spec, 'choiceTemperature', value, (spec) => masked(spec, { choiceTemperature: Number(value) })),
  },
  guidance: {
    kind: REAL(0, 100),
    cost: 0,
    words: 'other generators: guidance',
    setting: 'guidance',
    set: ofGenerator('guidance'),
  },
  'guidance-power': {
    kind: REAL(0, 100),
    cost: 0,
    words: 'other generators: how late guidance rises',
    setting: 'guidancePower',
    set: ofGenerator('guidancePower'),
  },
  seed: {
    kind: WHOLE(0, Number.MAX_SAFE_INTEGER),
    cost: 0,
    words: 'seed',
    set: (spec, value) => ({ ...spec, seed: Number(value) }),
  },
  count: {
    kind: WHOLE(1, 10_000_000),
    cost: 0,
    words: 'images',
    set: (spec, value) => ({ ...spec, count: Number(value) }),
  },
} as const satisfies Readonly<Record<string, AxisRow>>

export type AxisName = keyof typeof AXES
export const AXIS_NAMES = Object.keys(AXES) as AxisName[]

/** The table's row, with `kind` if the axis has numbers. */
export const axisRow = (name: AxisName): AxisRow => AXES[name]
/** Whether values are paths of checkpoints. */
export const isPathAxis = (name: AxisName): boolean => {
  const { kind, names } = axisRow(name)
  return kind === undefined && names === undefined
}

/** `temperature=0.7-1.3 (+0.1)` -> the axis. Throws Error with a readable message. */
export function parseAxis(text: string): Axis {
  const [name = '', ...rest] = text.split('=')
  const found = AXIS_NAMES.find((known) => known === presentAxis(name.trim().toLowerCase()))
  if (!found) throw new Error(`unknown axis '${name.trim()}' (expected ${AXIS_NAMES.join(', ')})`)
  const written = rest.join('=').trim()
  if (written === '') throw new Error(`${found}: missing values (expected ${found}=VALUES)`)
  const { kind, names } = axisRow(found)
  const words = () =>
    written
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '')
  try {
    if (kind) return { name: found, values: parseValues(written, kind) }
    const odd = words().find((word) => names && !names.includes(drawerOf(word).family))
    if (odd !== undefined) throw new Error(`unknown (found ${odd}, expected ${names!.join(', ')})`)
    return { name: found, values: [...new Set(words())] }
  } catch (error) {
    throw new Error(`${found}: ${(error as Error).message}`, { cause: error })
  }
}

/** Axes from an untrusted source. Throws Error for an unknown name or values of the wrong kind. */
export function checkedAxes(
  asked: readonly { readonly name: string; readonly values: readonly (number | string)[] }[],
): Axis[] {
  return asked.map(({ name, values }) => {
    const known = AXIS_NAMES.find((axis) => axis === name)
    // Paths may contain commas: only numbers and names are parsed again, which validates them.
    if (known && isPathAxis(known)) return { name: known, values }
    return parseAxis(`${name}=${values.join(',')}`)
  })
}
