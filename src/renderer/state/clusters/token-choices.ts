// The tokens that an atlas of some images can have: DiGIT's, the codes that a run recorded, or those of a tokenizer that is
// open.
import type { AskedTokens, AtlasRequest } from '../../../shared/atlas/atlases.ts'
import { SCALE_SIDES } from '../../../shared/grid/layout.ts'
import type { ModelFile } from '../../../shared/models/models.ts'
import { modelName } from '../models/chain.ts'
import { fileOf, modelSet } from '../models/models-in-use.ts'
import { runOf } from '../sample/runs.ts'

export interface TokenChoice {
  readonly text: string
  readonly asked: AskedTokens
}

const CLUSTERS: TokenChoice = { text: 'Clusters', asked: { tokens: 'discriminative' } }
const CODES: TokenChoice = { text: 'VQGAN codes', asked: { tokens: 'codes' } }

export function tokenChoices(source: AtlasRequest['source']): readonly TokenChoice[] {
  if (source.kind === 'run') {
    const generator = runOf(source.run)?.request?.generator
    return generator ? withScales(CODES, generator.family) : [CLUSTERS, CODES]
  }
  const others = otherTokenizers().flatMap((file) => {
    const asked = { tokens: 'codes', otherCodebook: file.sha256.slice(0, 8) } as const
    return withScales({ text: `Codes by ${modelName(file)}`, asked }, file.facts.family)
  })
  const isDigit = source.kind === 'demo' || hasDigit() || others.length === 0
  return [...(isDigit ? [CLUSTERS, CODES] : []), ...others]
}

/** The finest codes; of VAR each coarser scale, too. */
const withScales = (finest: TokenChoice, family: unknown): readonly TokenChoice[] => [
  finest,
  ...(family === 'var' ? SCALE_SIDES.slice(0, -1).reverse() : []).map((scale) => ({
    text: `${finest.text}, ${scale} × ${scale}`,
    asked: { ...finest.asked, scale },
  })),
]

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
