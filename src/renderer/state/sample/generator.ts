// Which generator the Sample page draws with: DiGIT or another family, its settings, and the part of a request.
import { computed } from 'vue'
import { familyOf, presetsOf, settingsOf, type Preset } from '../../../shared/generators/families.ts'
import { settingRow, type GeneratorSettings, type SettingName } from '../../../shared/generators/settings.ts'
import type { GeneratorSpec } from '../../../shared/run/run.ts'
import {
  classesOf,
  generatorName,
  generators,
  headsOf,
  headsProblem,
  sideOf,
  type OpenGenerator,
} from '../models/generators.ts'
import { abilities } from '../models/models-in-use.ts'
import { change, settings } from './settings.ts'

/** Stored for DiGIT, and the empty text for the usual choice. */
export const DIGIT = 'digit'

const hasDigit = computed(() => abilities.value.unconditional || abilities.value.classes)

/** The chosen generator; undefined for DiGIT. Without DiGIT, the first that can draw. */
export const generator = computed((): OpenGenerator | undefined => {
  const { generator: chosen } = settings.value
  const found = generators.value.find(({ file }) => file.id === chosen)
  if (found || chosen === DIGIT || hasDigit.value) return found
  return generators.value.find(({ match }) => match.lacks === undefined) ?? generators.value[0]
})

/** What can be chosen: DiGIT, and every generator. */
export const generatorChoices = computed(() => [
  ...(hasDigit.value ? [{ id: DIGIT, text: 'DiGIT' }] : []),
  ...generators.value.map((one) => ({ id: one.file.id, text: generatorName(one) })),
])
export const chosenId = computed(() => generator.value?.file.id ?? DIGIT)
export const chooseGenerator = (id: string): void => change({ generator: id, generatorValues: {} })

const widthOf = ({ file }: OpenGenerator) => Number(file.facts.width)
/** Values as typed: undefined while a field is empty. */
export type TypedValues = { readonly [name in SettingName]?: number | undefined }

/** The presets that fit a generator. */
export const presetsFor = (one: OpenGenerator): readonly Preset[] => presetsOf(one.match.family, widthOf(one))
/** Every setting of a generator: those typed, and the published ones for the rest. */
export const valuesFor = (one: OpenGenerator, typed: TypedValues): TypedValues => ({
  ...presetsFor(one)[0]?.values,
  ...typed,
})
/** The preset that all values agree with. */
export const presetLike = (presets: readonly Preset[], typed: TypedValues): Preset | undefined =>
  presets.find(({ values }) =>
    Object.entries(values).every(([name, value]) => typed[name as SettingName] === value),
  )

/** Every setting of the chosen generator. */
export const generatorValues = computed((): TypedValues =>
  generator.value ? valuesFor(generator.value, settings.value.generatorValues) : {},
)

/** Whether the chosen generator draws by class. */
export const isByClass = computed(() => generator.value !== undefined && classesOf(generator.value) > 0)

/** Problems of values, by setting. */
export function valueProblems(
  one: OpenGenerator,
  typed: TypedValues,
): { readonly [name in SettingName]?: string } {
  return Object.fromEntries(
    familyOf(one.match.family).settings.flatMap((name) => {
      const problem = numberProblem(name, typed[name])
      return problem === undefined ? [] : [[name, problem]]
    }),
  )
}

/** Why the chosen generator cannot draw with the present settings; undefined if it can. */
export const generatorProblem = computed((): string | undefined => {
  const one = generator.value
  if (!one) return undefined
  const [first] = Object.entries(valueProblems(one, generatorValues.value))
  if (one.match.lacks !== undefined) return one.match.lacks
  if (headsProblem(one) !== undefined) return `Attention heads: ${headsProblem(one)}`
  if (first) return `${settingRow(first[0] as SettingName).words}: ${first[1]}`
  return classProblem(one)
})

/** Of the selected classes. */
export function classProblem(one: OpenGenerator): string | undefined {
  if (!isByClass.value) return undefined
  const { classes } = settings.value
  if (classes.length === 0) return 'Select at least one class'
  return classes.some((index) => index >= classesOf(one))
    ? 'A selected class does not exist in this model'
    : undefined
}

function numberProblem(name: SettingName, value: number | undefined): string | undefined {
  const { least, most, whole } = settingRow(name)
  if (value === undefined) return 'Must be a number'
  if (value < least) return `At least ${least}`
  if (value > most) return `At most ${most}`
  return whole && !Number.isInteger(value) ? 'Must be an integer' : undefined
}

/** A generator with values, for a request; an empty field becomes NaN, which every check rejects. */
export function specOf(one: OpenGenerator, typed: TypedValues): GeneratorSpec {
  const { match, file } = one
  const given = Object.fromEntries(
    Object.entries(typed).map(([name, value]) => [name, value ?? NaN]),
  ) as GeneratorSettings
  const heads = one.needsHeads ? headsOf(one) : undefined
  const side = sideOf(one)
  return {
    family: match.family,
    file: file.id,
    ...(heads === undefined ? {} : { heads }),
    ...(side === undefined ? {} : { side }),
    settings: settingsOf(match.family, given, widthOf(one)),
  }
}

/** The part of a request: nothing for DiGIT. Weights of other generators are as published. */
export function generatorRequest() {
  if (!generator.value) return {}
  return {
    generator: specOf(generator.value, generatorValues.value),
    classes: isByClass.value ? [...settings.value.classes] : [],
    weightBits: 32 as const,
  }
}
