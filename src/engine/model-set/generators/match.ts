// Model files -> the generators of other families than DiGIT, each with the tokenizer that fits it. Pure.
import { FAMILIES, type FamilyName } from '../../../shared/generators/families.ts'
import type { MatchedGenerator, ModelFile } from '../../../shared/models/models.ts'
import { isHeadsKnown } from '../../../shared/models/generator-heads.ts'
import { GENERATORS } from '../../models/generators/index.ts'
import { VQGAN_KINDS } from '../../models/vqgan-kinds.ts'
import { pathLikeness } from '../likeness.ts'
import { isUsable } from '../match.ts'

export function matchGenerators(files: readonly ModelFile[]): MatchedGenerator[] {
  return files.flatMap((file): MatchedGenerator[] => {
    if (file.kind !== 'generator') return []
    const family = file.facts.family as FamilyName
    const { problem } = file
    if (problem !== undefined) return [{ family, generator: file.id, lacks: problem }]
    const tokenizer = tokenizerOf(file, family, files)
    return typeof tokenizer === 'string'
      ? [{ family, generator: file.id, lacks: tokenizer }]
      : [{ family, generator: file.id, tokenizer: tokenizer.id }]
  })
}

/** What a person should know about them before drawing. */
export function generatorNotes(
  files: readonly ModelFile[],
  generators: readonly MatchedGenerator[],
): string[] {
  return generators.flatMap(({ generator, family, lacks }) => {
    const file = files.find(({ id }) => id === generator)!
    const { path, problem } = file
    if (lacks !== undefined) return problem === undefined ? [`${path}: ${lacks}`] : []
    return isHeadsKnown(file, files)
      ? []
      : [
          `${path}: the number of heads of this ${FAMILIES[family].title} is in no file; enter it on Models, or use --heads`,
        ]
  })
}

/** The tokenizer for a generator: of its own file, else the one with the most similar path; or why there is none. */
function tokenizerOf(file: ModelFile, family: FamilyName, files: readonly ModelFile[]): ModelFile | string {
  const kind = GENERATORS[family].tokenizer
  const { title } = VQGAN_KINDS[kind]
  const ofKind = files.filter((other) => vqganKindOf(other) === kind)
  const { codes } = file.facts
  const fitting = ofKind.filter((other) => codes === undefined || other.facts.codes === codes)
  const usable = fitting.filter((other) => isUsable(other, files))
  const rank = (other: ModelFile) =>
    other.path === file.path ? Infinity : pathLikeness(other.path, file.path)
  const [best] = [...usable].sort((a, b) => rank(b) - rank(a))
  if (best) return best
  const needed = `${title}${codes === undefined ? '' : ` of ${codes} codes`}`
  const broken = fitting.find((other) => other.problem !== undefined)
  if (broken)
    return `${FAMILIES[family].title} needs a ${needed}: ${broken.path} cannot be used: ${broken.problem}`
  const found = ofKind.map((other) => `one of ${other.facts.codes} codes`)
  return `${FAMILIES[family].title} needs a ${needed} (found ${found.length > 0 ? found.join(', ') : 'none'})`
}

/** Whose codes a file decodes; undefined for other files. */
export const vqganKindOf = ({ kind, facts }: Pick<ModelFile, 'kind' | 'facts'>) =>
  kind === 'vqgan' ? 'mage' : kind === 'tokenizer' ? facts.family : undefined
