// A set and a family -> the generator that is meant, its tokenizer, and the sizes that no tensor says. Pure.
import { ModelError, RequestError } from '../../../shared/errors.ts'
import { FAMILIES, type FamilyName } from '../../../shared/generators/families.ts'
import { configsFor } from '../../../shared/models/generator-heads.ts'
import { namedSide, sidesOf, trainedSide } from '../../../shared/models/generator-side.ts'
import type { MatchedGenerator, ModelFile, ModelSet } from '../../../shared/models/models.ts'
import type { Hints } from '../../models/generators/generator.ts'
import { pathLikeness } from '../likeness.ts'
import { isChoice } from '../versions.ts'

/** Which generator, and what the user says of its sizes. */
export interface GeneratorChoice {
  readonly family: FamilyName
  /** If there are several: the id of its file in the set, or FILE, or FILE#PREFIX. */
  readonly file?: string
  readonly heads?: number
  readonly side?: number
}

/** A generator of the set, its tokenizer, and the sizes to build it with that no tensor says. */
export interface ChosenGenerator {
  readonly generator: ModelFile
  readonly tokenizer: ModelFile
  readonly hints: Hints
}

/** Throws ModelError or RequestError if there is none that can draw, or if it could be several. */
export function chooseGenerator(
  { files, generators }: Pick<ModelSet, 'files' | 'generators'>,
  choice: GeneratorChoice,
): ChosenGenerator {
  const found = chosen(files, generators, choice)
  const fileOf = (id: string) => files.find((file) => file.id === id)!
  const generator = fileOf(found.generator)
  if (found.tokenizer === undefined) throw new ModelError(`${generator.path}: ${found.lacks}`)
  const tokenizer = fileOf(found.tokenizer)
  return { generator, tokenizer, hints: hintsOf(generator, tokenizer, files, choice) }
}

/** The generator that is meant. Throws RequestError if there is none, or if it could be several. */
function chosen(
  files: readonly ModelFile[],
  generators: readonly MatchedGenerator[],
  { family, file }: GeneratorChoice,
): MatchedGenerator {
  const { title } = FAMILIES[family]
  const ofFamily = generators.filter((one) => one.family === family)
  const pathOf = ({ generator }: MatchedGenerator) => files.find(({ id }) => id === generator)!
  const isMeant = (one: MatchedGenerator) => one.generator === file || isChoice(file!, pathOf(one))
  const fitting = file === undefined ? ofFamily : ofFamily.filter(isMeant)
  const usable = fitting.filter(({ lacks }) => lacks === undefined)
  const [first, ...others] = usable.length > 0 ? usable : fitting
  if (!first)
    throw new RequestError(
      `${title} generator: ${file === undefined ? 'none among the models' : `${file} is not one`} (found ${generators.map((one) => one.family).join(', ') || 'no generators'})`,
    )
  if (others.length > 0)
    throw new RequestError(
      `${title} generator: several among the models; choose one (${usable.map((one) => pathOf(one).path).join(', ')})`,
    )
  return first
}

/** What the user says, else what a configuration file of this size says, else nothing. */
function hintsOf(
  generator: ModelFile,
  tokenizer: ModelFile,
  files: readonly ModelFile[],
  { family, heads, side }: GeneratorChoice,
): Hints {
  const { facts, path } = generator
  const trained = trainedSide(generator)
  if (side !== undefined && sidesOf(family).length === 0)
    throw new RequestError(
      `${path}: cells along a side cannot be chosen (found ${side}; the tensors of ${FAMILIES[family].title} say them)`,
    )
  if (trained !== undefined && side !== undefined && side !== trained)
    throw new RequestError(
      `${path}: cells along a side other than in its training (found ${side}, expected ${trained})`,
    )
  const [config] = configsFor({ facts }, files).sort(
    (a, b) => pathLikeness(b.path, path) - pathLikeness(a.path, path),
  )
  const number = (...values: readonly unknown[]) => values.find((value) => typeof value === 'number')
  const known = {
    heads: number(heads, config?.facts.heads),
    codes: number(tokenizer.facts.codes),
    side: number(side, trained, namedSide(family, generator)),
  }
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined))
}
