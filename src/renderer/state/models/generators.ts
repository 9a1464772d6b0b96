// The generators of other families among the models in use: their files, what they lack, and their heads.
import { computed } from 'vue'
import { FAMILIES } from '../../../shared/generators/families.ts'
import { isHeadsKnown } from '../../../shared/models/generator-heads.ts'
import { namedSide, sidesOf, trainedSide } from '../../../shared/models/generator-side.ts'
import {
  SHARED_ROLES,
  type MatchedGenerator,
  type ModelFile,
  type ModelSet,
} from '../../../shared/models/models.ts'
import { change, settings } from '../sample/settings.ts'
import { modelName } from './chain.ts'
import { modelSet } from './models-in-use.ts'

/** A generator among the models in use. */
export interface OpenGenerator {
  readonly match: MatchedGenerator
  readonly file: ModelFile
  readonly tokenizer: ModelFile | undefined
  /** Whether no file says its number of heads. */
  readonly needsHeads: boolean
}

export const generators = computed((): readonly OpenGenerator[] => {
  const { files = [], generators = [] } = modelSet.value ?? {}
  const fileOf = (id: string | undefined) => files.find((file) => file.id === id)
  return generators.flatMap((match) => {
    const file = fileOf(match.generator)
    if (!file) return []
    const needsHeads = file.problem === undefined && !isHeadsKnown(file, files)
    return [{ match, file, tokenizer: fileOf(match.tokenizer), needsHeads }]
  })
})

/** Names of its classes in the order of their ids; empty if unknown. */
export const classNamesOf = ({ match }: OpenGenerator): readonly string[] =>
  match.classNames ?? modelSet.value?.classNames ?? []
/** Number of its classes, 0 if it has none. Files that do not say have as many as there are names. */
export function classesOf(one: OpenGenerator): number {
  const { classes } = one.file.facts
  return typeof classes === 'number' ? classes : classNamesOf(one).length
}
/** `flags`, or `class 12` if the class has no name. */
export const classOf = (one: OpenGenerator, index: number): string =>
  classNamesOf(one)[index] ?? `class ${index}`

/** `RAR`, with its file where there are several of the family. */
export function generatorName({ match, file }: OpenGenerator): string {
  const { title } = FAMILIES[match.family]
  const isAlone = generators.value.filter((other) => other.match.family === match.family).length === 1
  return isAlone ? title : `${title} · ${modelName(file)}`
}

/** The heads entered for a generator. */
export const headsOf = ({ file }: OpenGenerator): number | undefined => settings.value.generatorHeads[file.id]
export const setHeads = ({ file }: OpenGenerator, heads: number | undefined): void =>
  change({ generatorHeads: { ...settings.value.generatorHeads, [file.id]: heads } })

/** Why the heads entered for a generator cannot be used; undefined if they can, or if none are needed. */
export function headsProblem(generator: OpenGenerator): string | undefined {
  if (!generator.needsHeads) return undefined
  const heads = headsOf(generator)
  const { width } = generator.file.facts
  if (heads === undefined) return 'Needed: no file says it'
  if (!Number.isInteger(heads) || heads < 1) return 'Must be an integer, 1 or more'
  return Number(width) % heads === 0 ? undefined : `Must divide the width of ${String(width)}`
}

/** The cells along a side of a generator's grid: chosen, or as its file, its name or the usual models have it. */
export const sideOf = ({ file, match: { family } }: OpenGenerator): number | undefined =>
  trainedSide(file) ?? settings.value.generatorSides[file.id] ?? namedSide(family, file) ?? sidesOf(family)[0]
export const setSide = ({ file }: OpenGenerator, side: number): void =>
  change({ generatorSides: { ...settings.value.generatorSides, [file.id]: side } })

/** Whether any file is of DiGIT itself. */
export const hasDigitFiles = ({ set, damaged = {} }: ModelSet): boolean =>
  [...Object.keys(set), ...Object.keys(damaged)].some((role) => !SHARED_ROLES.has(role))

/** Files that a generator draws with. */
export const filesInUse = ({ generators }: ModelSet): ReadonlySet<string> =>
  new Set(generators.flatMap(({ generator, tokenizer }) => (tokenizer ? [generator, tokenizer] : [])))
