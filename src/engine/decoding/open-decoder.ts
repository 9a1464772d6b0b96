// An open transformer -> its grid decoder, with the ids its sequences start with.
import { eightBits } from './eight-bits.ts'
import { ModelError } from '../../shared/errors.ts'
import { EOS, SPECIALS } from '../models/transformer-config.ts'
import type { TransformerModel } from '../models/transformer-graphs.ts'
import type { Provider } from '../session/index.ts'
import { openAutoregressiveGridDecoder } from './autoregressive-decoder.ts'
import type { GridDecoder, Start } from './grid-decoder.ts'
import type { OpenTransformer } from '../model-set/open-models.ts'
import { openMaskedGridDecoder } from './masked-decoder.ts'
import { arithmeticOf } from '../devices/precision.ts'
import type { WeightBits } from '../../shared/run/precision.ts'
import { quantisedLinear } from '../model-set/quantise.ts'

/** Stage 1, class-conditional or not, the plain model over VQGAN codes, or either kind of stage 2. */
export async function openGridDecoder(
  model: OpenTransformer,
  provider: Provider,
  weightBits: WeightBits,
): Promise<GridDecoder> {
  const network = await weighted(model, weightBits, provider)
  switch (model.config.kind) {
    case 'stage2-nar':
      return openMaskedGridDecoder(network, provider, (tokens) => prefixIds(model, tokens))
    case 'stage2-ar':
      return openAutoregressiveGridDecoder(network, provider, 'stage2', (tokens) => [
        ...prefixIds(model, tokens),
        EOS,
      ])
    case 'stage1':
    case 'vq-ar':
      return openAutoregressiveGridDecoder(network, provider, 'stage1', (label) => firstIds(model, label))
  }
}

/** Start of a stage 1 sequence: its class, or `</s>`. */
export function firstIds({ config, file }: OpenTransformer, label: Start): number[] {
  if (config.classes === 0) return [EOS]
  if (typeof label !== 'number' || label >= config.classes)
    throw new ModelError(
      `${file.path}: class out of range (found ${String(label)}, expected 0 to ${config.classes - 1})`,
    )
  return [label + config.vocabulary + SPECIALS]
}

/** Start of a stage 2 sequence, except for `</s>`: its discriminative tokens. */
export function prefixIds({ config, file }: OpenTransformer, tokens: Start): number[] {
  if (typeof tokens !== 'object' || tokens.length !== config.grid.cells)
    throw new ModelError(`${file.path}: stage 2 requires ${config.grid.cells} discriminative tokens`)
  return Array.from(tokens, (token) => {
    if (token < 0 || token >= config.sourceVocabulary)
      throw new ModelError(
        `${file.path}: token out of range for this stage 2 (found ${token}, expected 0 to ${config.sourceVocabulary - 1})`,
      )
    return token + SPECIALS + config.vocabulary + SPECIALS
  })
}

/** The model in the requested precision, as the provider computes it. */
export async function weighted(
  model: OpenTransformer,
  weightBits: WeightBits,
  provider: Provider,
): Promise<TransformerModel> {
  if (weightBits === 32) return model
  if (weightBits === 16) return { ...model, arithmetic: arithmeticOf(weightBits, provider) }
  return { ...model, linear: await quantisedLinear(model, weightBits, await eightBits(provider)) }
}
