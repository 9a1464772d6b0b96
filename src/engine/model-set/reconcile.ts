// The tensors of a file against the network that is built of them: what is missing, what is left over.
import { ModelError } from '../../shared/errors.ts'
import type { Weights } from '../checkpoint/index.ts'
import { modelTensors, type ModelTensors } from '../models/tensors.ts'
import { allPrefixes, type Network } from './places.ts'

/** Of tensors in a sentence. */
const MAX_NAMED = 3

interface Leftovers {
  /** Passed over without a word: the original does the same, or they belong to another model. */
  readonly ignored: RegExp
  /** Parts of the network: a tensor in them that is left over means another network. Others are only named. */
  readonly network: RegExp
  /** What a file with such tensors is. */
  readonly because: string
}

// The text tower and what is between both towers; a buffer that counts positions.
const CLIP_LEFTOVERS: Leftovers = {
  ignored:
    /^(transformer|token_embedding|positional_embedding|ln_final|text_projection|logit_scale|logit_bias|text_model|text|input_resolution|context_length|vocab_size|vision_model\.embeddings\.position_ids)(\.|$)/,
  network: /^(visual|vision_model|visual_projection)/,
  because: "a CLIP image tower with these is not OpenAI's vision transformer",
}

const LEFTOVERS: { readonly [network in Network]: Leftovers } = {
  // fairseq loads strictly. `decoder.version` marks a format; the rest are copies of the tokenizer and the VQGAN.
  transformer: {
    ignored: /^(decoder\.version|centroids|centroid_norm|(pretrained_encoder|vqgan)\..*)$/,
    network: /./,
    because: 'fairseq refuses a file with tensors that its configuration does not have',
  },
  // The mask token is for training; heads are not part of the backbone.
  encoder: {
    ignored: /^(mask_token|(dino_head|ibot_head|head)\..*)$/,
    network: /^(patch_embed|cls_token|pos_embed|reg|storage_tokens|rope|norm|blocks|layers)/,
    because: 'a vision transformer with these is not DINOv2',
  },
  // Losses, discriminators and the running sums of a codebook trained by averages are for training.
  vqgan: {
    ignored: /^(loss\..*|quantize\.(.*\.)?(cluster_size|embed_avg|initted|codebook_used|ema_vocab_hit_SV))$/,
    network: /^(encoder|decoder|quant|post_quant)/,
    because:
      'the published VQGAN does not have them; with them, as in taming-transformers, images would differ',
  },
  clip: CLIP_LEFTOVERS,
  'clip-hf': CLIP_LEFTOVERS,
  inception: {
    ignored: /\.num_batches_tracked$/,
    network: /^(Conv2d|Mixed|AuxLogits|fc)/,
    because: 'the Inception-v3 used for FID does not have them',
  },
  // For masking and reconstruction in training; the rest is a copy of its VQGAN.
  mage: {
    ignored:
      /^(cls_token|mask_token|pos_embed|decoder_pos_embed|token_emb\.position_ids|(patch_embed|decoder_pred|vqgan)\..*)$/,
    network: /./,
    because: 'MAGE does not have them',
  },
  taming: {
    ignored:
      /^(transformer\.blocks\.\d+\.attn\.mask|(first_stage_model|cond_stage_model|permuter|loss)\..*)$/,
    network: /^transformer\./,
    because: 'the GPT of taming-transformers does not have them',
  },
  maskgit: { ignored: /^$/, network: /./, because: 'MaskGIT does not have them' },
  rar: { ignored: /^attn_mask$/, network: /./, because: 'RAR does not have them' },
  llamagen: {
    ignored: /^(freqs_cis|causal_mask|layers\.\d+\.attention\.kv_cache\..*)$/,
    network: /^(layers|norm|output|tok_embeddings|cls_embedding)/,
    because: 'LlamaGen does not have them',
  },
  // Buffers that are computed.
  var: {
    ignored: /^(lvl_1L|attn_bias_for_masking|blocks\.\d+\.attn\.zero_k_bias)$/,
    network: /./,
    because: 'VAR does not have them',
  },
}

/** The graphs of a model, with the names of the tensors in them. */
export interface BuiltGraph {
  readonly initializers: readonly { readonly value: { readonly name: string } }[]
}

/**
 * Builds the graphs of the model behind `prefix`, without reading a weight, and returns notes about tensors that they do
 * not use. Throws ModelError if a tensor is missing, cannot be read, has another shape, or is left over although the
 * original has a use for it. Tensors of other models in the file are left to these.
 */
export function reconcile(
  weights: Weights,
  network: Network,
  prefix: string,
  build: (tensors: ModelTensors) => readonly BuiltGraph[],
): string[] {
  const used = new Set(
    build(inPlace(modelTensors(weights, prefix))).flatMap(({ initializers }) =>
      initializers.map(({ value }) => value.name),
    ),
  )
  const inside = allPrefixes(weights).filter(
    (other) => other.length > prefix.length && other.startsWith(prefix),
  )
  const rule = LEFTOVERS[network]
  const isLeft = (name: string) =>
    name.startsWith(prefix) &&
    !used.has(name) &&
    !inside.some((other) => name.startsWith(other)) &&
    !rule.ignored.test(name.slice(prefix.length))
  const isWrong = (name: string) => rule.network.test(name.slice(prefix.length))
  const left = [...weights.tensors.keys()].filter(isLeft)
  const wrong = [...left, ...[...weights.unreadable.keys()].filter(isLeft)].filter(isWrong)
  if (wrong.length > 0)
    throw new ModelError(`${weights.path}: unexpected tensors ${someOf(wrong)}: ${rule.because}`)
  return left.length === 0 ? [] : [`tensors that are not used: ${someOf(left)}`]
}

/** The first of some names, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length - MAX_NAMED
  return [...names.slice(0, MAX_NAMED), ...(more > 0 ? [`${more} more`] : [])].join(', ')
}

/** As if every tensor were in C order: those that are not are copied before a graph is run. */
const inPlace = (tensors: ModelTensors): ModelTensors => ({
  ...tensors,
  get: (name, shape) => ({ ...tensors.get(name, shape), contiguous: true }),
})
