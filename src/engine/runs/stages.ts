// An opened transformer -> the stage that a recipe chains, with the ids its sequences start with.
import { ModelError } from '../../shared/errors.ts'
import type { MaskedDecoding, Sampling } from '../../shared/run.ts'
import { EOS, GRID_TOKENS, SPECIALS } from '../models/transformer-config.ts'
import type { TransformerModel } from '../models/transformer-graphs.ts'
import type { Provider } from '../session/index.ts'
import { openAutoregressiveStage } from './autoregressive-stage.ts'
import type { GridStage, Start } from './grid-stage.ts'
import type { OpenTransformer } from './import.ts'
import { openMaskedStage } from './masked-stage.ts'
import { quantisedLinear } from './quantise.ts'

/** Stage 1, class-conditional or not, and the plain autoregressive model over VQGAN codes. */
export async function openStage1(
  model: OpenTransformer,
  provider: Provider,
  weightBits: number,
  sampling: Sampling,
): Promise<GridStage> {
  return openAutoregressiveStage(await weighted(model, weightBits), provider, {
    use: 'stage1',
    sampling,
    prefix: (label) => firstIds(model, label),
  })
}

/** Stage 2 token by token. */
export async function openStage2Autoregressive(
  model: OpenTransformer,
  provider: Provider,
  weightBits: number,
  sampling: Sampling,
): Promise<GridStage> {
  return openAutoregressiveStage(await weighted(model, weightBits), provider, {
    use: 'stage2',
    sampling,
    prefix: (tokens) => [...prefixIds(model, tokens), EOS],
  })
}

/** Stage 2 by masked decoding. */
export async function openStage2Masked(
  model: OpenTransformer,
  provider: Provider,
  weightBits: number,
  sampling: Sampling,
  decoding: MaskedDecoding,
): Promise<GridStage> {
  return openMaskedStage(await weighted(model, weightBits), provider, {
    sampling,
    decoding,
    prefix: (tokens) => prefixIds(model, tokens),
  })
}

/** What a sequence of stage 1 starts with: its class, or `</s>`. */
export function firstIds({ config, file }: OpenTransformer, label: Start): number[] {
  if (config.classes === 0) return [EOS]
  if (typeof label !== 'number' || label >= config.classes)
    throw new ModelError(
      `${file.path}: class ${String(label)}; this model has classes 0 to ${config.classes - 1}`,
    )
  return [label + config.vocabulary + SPECIALS]
}

/** What a sequence of stage 2 starts with, but for `</s>`: its discriminative tokens. */
export function prefixIds({ config, file }: OpenTransformer, tokens: Start): number[] {
  if (typeof tokens !== 'object' || tokens.length !== GRID_TOKENS)
    throw new ModelError(`${file.path}: stage 2 starts from ${GRID_TOKENS} discriminative tokens`)
  return Array.from(tokens, (token) => {
    if (token < 0 || token >= config.sourceVocabulary)
      throw new ModelError(
        `${file.path}: token ${token}; this stage 2 knows 0 to ${config.sourceVocabulary - 1}`,
      )
    return token + SPECIALS + config.vocabulary + SPECIALS
  })
}

/** The model with its weights multiplied as asked: 32 bits as published, or 8 or 4. */
export async function weighted(model: OpenTransformer, weightBits: number): Promise<TransformerModel> {
  if (weightBits === 32) return model
  return { ...model, linear: await quantisedLinear(model, weightBits as 8 | 4) }
}
