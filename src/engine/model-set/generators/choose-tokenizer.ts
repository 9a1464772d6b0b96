// A set and a name -> the VQGAN that is meant, with the grid that its pictures have. Pure.
import { ModelError, RequestError } from '../../../shared/errors.ts'
import { FAMILIES, type FamilyName } from '../../../shared/generators/families.ts'
import { gridOfSide, type GridShape } from '../../../shared/grid/shape.ts'
import type { ModelFile, ModelSet } from '../../../shared/models/models.ts'
import { GENERATORS } from '../../models/generators/index.ts'
import { VQGAN_KINDS } from '../../models/vqgan-kinds.ts'
import { isChoice } from '../versions.ts'
import { vqganKindOf } from './match.ts'

export interface TokenizerChoice {
  /** A family of generators; or the id of a file of the set, or its sha256, or FILE, or FILE#PREFIX. */
  readonly name: string
  /** Cells along a side of its grid. @default 16 */
  readonly side?: number | undefined
}

/** Throws RequestError if there is none, or if it could be several, ModelError if it cannot be used. */
export function chooseTokenizer(
  { files, generators }: Pick<ModelSet, 'files' | 'generators'>,
  { name, side }: TokenizerChoice,
): { readonly file: ModelFile; readonly grid?: GridShape } {
  const vqgans = files.filter((file) => vqganKindOf(file) !== undefined)
  const isNamed = (file: ModelFile) =>
    file.id === name || file.sha256 === name || (name !== '' && isChoice(name, file))
  const found = isFamily(name) ? ofFamily(name) : vqgans.filter(isNamed)
  const usable = found.filter(({ problem }) => problem === undefined)
  const [file, ...others] = usable.length > 0 ? usable : found
  const paths = (of: readonly ModelFile[]) => of.map(({ path }) => path).join(', ')
  if (!file)
    throw new RequestError(`tokenizer ${name}: not among the models (found ${paths(vqgans) || 'none'})`)
  if (others.some(({ sha256 }) => sha256 !== file.sha256))
    throw new RequestError(`tokenizer ${name}: several among the models; name a file (${paths(found)})`)
  if (file.problem !== undefined) throw new ModelError(`${file.path}: ${file.problem}`)
  const kind = vqganKindOf(file)
  if (side !== undefined && kind === 'var')
    throw new RequestError(
      `${file.path}: cells along a side cannot be chosen (the scales of a ${VQGAN_KINDS.var.title} are its own)`,
    )
  return { file, ...(side === undefined ? {} : { grid: gridOfSide(side) }) }

  /** Those that generators of the family have; without generators, those of their kind. */
  function ofFamily(family: FamilyName): ModelFile[] {
    const matched = generators.flatMap((one) => (one.family === family ? (one.tokenizer ?? []) : []))
    if (matched.length > 0) return files.filter(({ id }) => matched.includes(id))
    return vqgans.filter((file) => vqganKindOf(file) === GENERATORS[family].tokenizer)
  }
}

const isFamily = (name: string): name is FamilyName => name in FAMILIES
