// The tokens that an atlas of some images can have: DiGIT's, the codes that a run recorded, or those of a tokenizer that is
// open.
import type { AtlasRequest } from '../../../shared/atlas/atlases.ts'
import type { ModelFile } from '../../../shared/models/models.ts'
import { modelName } from '../models/chain.ts'
import { fileOf, modelSet } from '../models/models-in-use.ts'
import { runOf } from '../sample/runs.ts'

export type AskedTokens = Pick<AtlasRequest, 'tokens' | 'otherCodebook'>

export interface TokenChoice {
  readonly text: string
  readonly asked: AskedTokens
}

const CLUSTERS: TokenChoice = { text: 'Clusters', asked: { tokens: 'discriminative' } }
const CODES: TokenChoice = { text: 'VQGAN codes', asked: { tokens: 'codes' } }

export function tokenChoices(source: AtlasRequest['source']): readonly TokenChoice[] {
  if (source.kind === 'run') return runOf(source.run)?.request?.generator ? [CODES] : [CLUSTERS, CODES]
  const others = otherTokenizers().map((file): TokenChoice => ({
    text: `Codes by ${modelName(file)}`,
    asked: { tokens: 'codes', otherCodebook: file.sha256.slice(0, 8) },
  }))
  const isDigit = source.kind === 'demo' || hasDigit() || others.length === 0
  return [...(isDigit ? [CLUSTERS, CODES] : []), ...others]
}

const hasDigit = () => fileOf('encoder') !== undefined && fileOf('codebook') !== undefined

/** Open tokenizers that encode pictures, each once, but for the VQGAN of DiGIT. */
export function otherTokenizers(): readonly ModelFile[] {
  const own = hasDigit() ? fileOf('vqgan')?.sha256 : undefined
  const all = (modelSet.value?.files ?? []).filter(
    ({ kind, problem, sha256, facts }) =>
      (kind === 'tokenizer' || kind === 'vqgan') &&
      problem === undefined &&
      facts.decodesOnly !== true &&
      sha256 !== own,
  )
  return all.filter(({ sha256 }, i) => all.findIndex((other) => other.sha256 === sha256) === i)
}
