// What makes pictures of codes, and codes of pictures: DiGIT's VQGAN, or the tokenizer of another generator, alone.
import { RequestError } from '../../shared/errors.ts'
import type { GridName } from '../../shared/grid/layout.ts'
import type { AskedBits } from '../../shared/run/precision.ts'
import type { TokenizerSpec } from '../../shared/run/run.ts'
import { onlyFloat32 } from '../devices/precision.ts'
import type { OpenModels, OpenVqgan } from '../model-set/open-models.ts'
import type { VqganConfig } from '../models/vqgan-config.ts'
import { VQGAN_KINDS } from '../models/vqgan-kinds.ts'
import type { Recipe } from '../records/image-record.ts'
import { vqganConfig } from '../tokenizer/tokenizer.ts'

export interface CodeTokenizer {
  readonly vqgan: OpenVqgan
  readonly config: VqganConfig
  /** What people call it. */
  readonly title: string
  /** What a recipe has of it besides its hash. */
  readonly recipe: Pick<Recipe, 'tokenizer'>
}

/** Throws ModelError or RequestError if the models have none, or if it does not compute with these bits. */
export async function openCodeTokenizer(
  tokenizer: TokenizerSpec,
  weightBits: AskedBits,
  models: OpenModels,
): Promise<CodeTokenizer> {
  const vqgan = await models.tokenizer(tokenizer)
  const config = vqganConfig(vqgan)
  const { kind } = config
  const { title } = VQGAN_KINDS[kind]
  onlyFloat32(weightBits, title)
  const { side } = tokenizer
  return { vqgan, config, title, recipe: { tokenizer: { kind, ...(side === undefined ? {} : { side }) } } }
}

/** Throws RequestError for tokens of another kind than the tokenizer's. */
export function refuseOtherTokens(tokens: GridName, { title }: CodeTokenizer): void {
  if (tokens !== 'codes')
    throw new RequestError(`tokens: ${tokens} tokens cannot be used (${title} decodes its own codes)`)
}
