// The generator of another family that drew the image in the studio, its settings, and what the studio cannot do with it.
import { computed } from 'vue'
import { FAMILIES, type FamilyName } from '../../../shared/generators/families.ts'
import type { GeneratorSettings, SettingName } from '../../../shared/generators/settings.ts'
import { shortHash } from '../../../shared/models/model-hash.ts'
import { recordedGenerator } from '../library/recorded-generator.ts'
import { generators, type OpenGenerator } from '../models/generators.ts'
import { scalesOf } from '../images/scales.ts'
import { specOf, valueProblems, valuesFor, type TypedValues } from '../sample/generator.ts'
import { change, settings } from '../sample/settings.ts'
import { details } from './studio.ts'

/** As recorded; undefined for an image of DiGIT. */
export const recorded = computed(() => recordedGenerator(details.value))

/** That generator among the models in use. */
export const imageGenerator = computed((): OpenGenerator | undefined => {
  const { sha256 } = recorded.value ?? {}
  return generators.value.find(({ file }) => file.sha256 === sha256)
})

/** The settings that the rest is drawn with: those of the Sample page if it has chosen this generator, else the image's. */
export const drawnWith = computed((): TypedValues => {
  const one = imageGenerator.value
  if (!one || !recorded.value) return {}
  return settings.value.generator === one.file.id
    ? valuesFor(one, settings.value.generatorValues)
    : recorded.value.settings
})
export function setDrawnWith(generatorValues: TypedValues): void {
  const id = imageGenerator.value?.file.id
  if (id !== undefined) change({ generator: id, generatorValues })
}

/** Settings that decide when a code becomes known; the others weigh the tokens. */
const OF_ORDER: readonly SettingName[] = ['steps', 'choiceTemperature', 'halton']
/** The settings to weigh the tokens of a cell with; undefined while one is out of range, and for DiGIT. */
export const weighedWith = computed((): GeneratorSettings | undefined => {
  const values: TypedValues = imageGenerator.value ? drawnWith.value : (recorded.value?.settings ?? {})
  if (
    !recorded.value ||
    (imageGenerator.value && Object.keys(valueProblems(imageGenerator.value, values)).length > 0)
  )
    return undefined
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => !OF_ORDER.includes(name as SettingName)),
  ) as GeneratorSettings
})

/** Why nothing can be drawn from the image; undefined if it can, or if DiGIT drew it. */
export const generatorFault = computed((): string | undefined => {
  if (!recorded.value) return undefined
  const { title } = FAMILIES[recorded.value.family]
  const scales = scalesOf(details.value).length
  if (scales > 0)
    return `${title} draws ${scales} scales, each from all coarser ones: cells of the finest cannot be kept while the rest is resampled.`
  const one = imageGenerator.value
  if (!one)
    return `Drawn by ${title} ${shortHash(recorded.value.sha256)}, which is not open. Open it on Models to draw from this image.`
  if (one.match.lacks !== undefined) return one.match.lacks
  const problem = Object.values(valueProblems(one, drawnWith.value))[0]
  return problem === undefined ? undefined : 'A setting is out of range'
})

/** The part of a request for the generator that drew the image; nothing for DiGIT. */
export function imageGeneratorRequest() {
  const one = imageGenerator.value
  if (!one || !recorded.value) return {}
  const { heads, side } = recorded.value
  const spec = specOf(one, drawnWith.value)
  return {
    generator: {
      ...spec,
      ...(heads === undefined ? {} : { heads }),
      ...(side === undefined ? {} : { side }),
    },
    weightBits: 32 as const,
  }
}

/** How free cells see pins, by the family's order. */
const MASKED: readonly FamilyName[] = ['mage', 'maskgit']
export const orderNote = computed((): string | undefined => {
  if (!recorded.value) return undefined
  const { family } = recorded.value
  const { title } = FAMILIES[family]
  if (scalesOf(details.value).length > 0) return `${title} draws one scale after another, each in one pass.`
  return MASKED.includes(family)
    ? `${title} is masked: every free cell sees all pinned cells.`
    : `${title} draws row by row: a token sees only the cells before it.`
})
