// Which generator the Sample page draws with: DiGIT or another family, its settings, and the part of a request.
import { computed } from 'vue'
import {
  FAMILIES,
  familyOf,
  presetsOf,
  settingsOf,
  type Preset,
} from '../../../shared/generators/families.ts'
import { settingRow, type GeneratorSettings, type SettingName } from '../../../shared/generators/settings.ts'
import type { MatchedGenerator, ModelFile } from '../../../shared/models/models.ts'
import type { GeneratorSpec } from '../../../shared/run/run.ts'
import { abilities, modelSet } from '../models/models-in-use.ts'
import { change, settings } from './settings.ts'

/** Stored for DiGIT, and the empty text for the usual choice. */
const DIGIT = 'digit'

/** A generator among the models in use. */
interface OpenGenerator {
  readonly match: MatchedGenerator
  readonly file: ModelFile
}

export const generators = computed((): readonly OpenGenerator[] => {
  const { files = [], generators = [] } = modelSet.value ?? {}
  return generators.flatMap((match) => {
    const file = files.find(({ id }) => id === match.generator)
    return file ? [{ match, file }] : []
  })
})
const hasDigit = computed(() => abilities.value.unconditional || abilities.value.classes)

/** The chosen generator; undefined for DiGIT. Without DiGIT, the first that can draw. */
export const generator = computed((): OpenGenerator | undefined => {
  const { generator: chosen } = settings.value
  const found = generators.value.find(({ file }) => file.id === chosen)
  if (found || chosen === DIGIT || hasDigit.value) return found
  return generators.value.find(({ match }) => match.lacks === undefined) ?? generators.value[0]
})

/** What can be chosen: DiGIT, and every generator by its title and width. */
export const generatorChoices = computed(() => [
  ...(hasDigit.value ? [{ id: DIGIT, text: 'DiGIT' }] : []),
  ...generators.value.map(({ match, file }) => ({
    id: file.id,
    text: `${FAMILIES[match.family].title}, ${String(file.facts.width)} wide`,
  })),
])
export const chosenId = computed(() => generator.value?.file.id ?? DIGIT)
export const chooseGenerator = (id: string): void =>
  change({ generator: id, generatorValues: {}, generatorHeads: undefined })

const widthOf = ({ file }: OpenGenerator) => Number(file.facts.width)
/** The presets that fit the chosen generator. */
export const presets = computed((): readonly Preset[] =>
  generator.value ? presetsOf(generator.value.match.family, widthOf(generator.value)) : [],
)
/** Every setting of the chosen generator; undefined while a field is empty. */
export const generatorValues = computed((): { readonly [name in SettingName]?: number | undefined } => ({
  ...presets.value[0]?.values,
  ...settings.value.generatorValues,
}))
/** The preset that all settings agree with. */
export const preset = computed(() =>
  presets.value.find(({ values }) =>
    Object.entries(values).every(([name, value]) => generatorValues.value[name as SettingName] === value),
  ),
)
export const usePreset = (name: string): void =>
  change({ generatorValues: { ...presets.value.find((one) => one.name === name)?.values } })

/** Number of classes of the chosen generator, 0 if it has none; undefined if no file says. */
export const generatorClasses = computed(() => {
  const { classes } = generator.value?.file.facts ?? {}
  return typeof classes === 'number' ? classes : undefined
})
/** Whether the chosen generator draws by class. */
export const isByClass = computed(() => generator.value !== undefined && generatorClasses.value !== 0)

/** Whether no file says the number of heads. */
export const needsHeads = computed(() => {
  const { file } = generator.value ?? {}
  if (!file || file.facts.heads !== undefined) return false
  return !modelSet.value?.files.some(
    ({ kind, facts }) =>
      kind === 'generator-config' && facts.width === file.facts.width && facts.layers === file.facts.layers,
  )
})

/** Problems of the settings, by name; `lacks` if the generator cannot draw at all. */
export const generatorProblems = computed(
  (): { readonly [name in SettingName | 'heads' | 'lacks']?: string } => {
    if (!generator.value) return {}
    const { match } = generator.value
    const found: { [name in SettingName | 'heads' | 'lacks']?: string } = {}
    for (const name of familyOf(match.family).settings) {
      const problem = numberProblem(name, generatorValues.value[name])
      if (problem) found[name] = problem
    }
    if (needsHeads.value && !(Number(settings.value.generatorHeads) >= 1))
      found.heads = 'Needed: no file says it'
    if (match.lacks !== undefined) found.lacks = match.lacks
    return found
  },
)

function numberProblem(name: SettingName, value: number | undefined): string | undefined {
  const { least, most, whole } = settingRow(name)
  if (value === undefined) return 'Must be a number'
  if (value < least) return `At least ${least}`
  if (value > most) return `At most ${most}`
  return whole && !Number.isInteger(value) ? 'Must be an integer' : undefined
}

/** The part of a request: nothing for DiGIT. */
export function generatorRequest(): { readonly generator?: GeneratorSpec; readonly classes?: number[] } {
  if (!generator.value) return {}
  const { match, file } = generator.value
  const { generatorHeads, classes } = settings.value
  const given = Object.fromEntries(
    Object.entries(generatorValues.value).map(([name, value]) => [name, value ?? NaN]),
  ) as GeneratorSettings
  return {
    generator: {
      family: match.family,
      file: file.id,
      ...(needsHeads.value && generatorHeads !== undefined ? { heads: generatorHeads } : {}),
      settings: settingsOf(match.family, given, widthOf(generator.value)),
    },
    classes: isByClass.value ? [...classes] : [],
  }
}
