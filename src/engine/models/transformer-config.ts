// A fairseq checkpoint's configuration and tensor shapes -> the sizes of its transformer.
// Source: fairseq_user/models of the DiGIT release; fairseq/models/transformer_lm.py for the field names.
import type { GridShape } from '../../shared/grid/shape.ts'
import { DIGIT_GRID } from '../../shared/grid/layout.ts'
import { ModelError } from '../../shared/errors.ts'
import type { ModelTensors } from './tensors.ts'

/** `<s> <pad> </s> <unk> <n>`: model id = token + SPECIALS. */
export const SPECIALS = 5
export const EOS = 2
/** The mask token of the NAR model. */
export const UNK = 3
/** Learned positions start after fairseq's padding index 1. */
export const FIRST_POSITION = 2

/** Kind of each `cfg.model._name`. */
export const TRANSFORMER_KINDS = {
  stlm: 'stage1',
  st2vtlm: 'stage2-ar',
  st2vtlm_nar: 'stage2-nar',
  st2vtlm_vq: 'vq-ar',
} as const
export type TransformerKind = (typeof TRANSFORMER_KINDS)[keyof typeof TRANSFORMER_KINDS]

export interface TransformerConfig {
  readonly kind: TransformerKind
  readonly dim: number
  readonly layers: number
  readonly heads: number
  readonly ffn: number
  /** LayerNorm before each block and once at the end (stage 2), or after each block (stage 1). */
  readonly preNorm: boolean
  /** Factor on token embeddings: sqrt(dim) unless `no_scale_embedding`. */
  readonly embedScale: number
  /** Number of tokens the model predicts (dictionary without specials). */
  readonly vocabulary: number
  /** Vocabulary of the prefix (stage 2), else 0. */
  readonly sourceVocabulary: number
  /** Number of classes of a class-conditional model, else 0. */
  readonly classes: number
  /** Grid of the predicted tokens, and of the prefix. */
  readonly grid: GridShape
}

/** Plain configuration values by name, from the checkpoint reader. */
export type ModelConfig = ReadonlyMap<string, unknown>

/**
 * Reads `cfg.model` (or `args` of old files) and checks it against the tensors. Throws ModelError for a model of
 * another kind or an unsupported configuration.
 */
export function transformerConfig(config: ModelConfig, tensors: ModelTensors): TransformerConfig {
  const { file } = tensors
  const name = String(config.get('_name') ?? config.get('arch') ?? '')
  const kind = TRANSFORMER_KINDS[name as keyof typeof TRANSFORMER_KINDS]
  if (!kind) {
    const known = Object.keys(TRANSFORMER_KINDS).join(', ')
    throw new ModelError(`${file}: unsupported model '${name}' (supported: ${known})`)
  }
  const integer = (field: string): number => {
    const value = config.get(field)
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 1e6)
      throw new ModelError(`${file}: cfg.model.${field} is ${String(value)}, expected a whole number`)
    return value
  }
  const mustBe = (field: string, expected: unknown) => {
    const value = config.get(field)
    if (value !== undefined && value !== null && value !== expected)
      throw new ModelError(
        `${file}: cfg.model.${field} is ${String(value)}; only ${String(expected)} is supported`,
      )
  }
  mustBe('activation_fn', 'gelu')
  mustBe('decoder_learned_pos', true)
  mustBe('no_token_positional_embeddings', false)
  mustBe('layernorm_embedding', false)
  mustBe('no_decoder_final_norm', false)
  mustBe('adaptive_input', false)
  mustBe('character_embeddings', false)
  mustBe('base_layers', 0)
  for (const field of ['scale_fc', 'scale_attn', 'scale_heads', 'scale_resids']) mustBe(field, false)

  const dim = integer('decoder_embed_dim')
  const heads = integer('decoder_attention_heads')
  if (dim % heads !== 0)
    throw new ModelError(`${file}: ${dim} dimensions are not divisible by ${heads} heads`)
  mustBe('decoder_input_dim', dim)
  mustBe('decoder_output_dim', dim)

  const dictionary = rows(tensors, 'decoder.output_projection.weight', dim)
  const embedded = rows(tensors, 'decoder.embed_tokens.weight', dim)
  const vocabulary = dictionary - SPECIALS
  if (vocabulary < 1)
    throw new ModelError(
      `${file}: ${dictionary} output rows leave no tokens besides ${SPECIALS} special symbols`,
    )
  const extra = embedded - dictionary
  const isStage2 = kind === 'stage2-ar' || kind === 'stage2-nar'
  const classes = config.get('class_conditional') === true && kind === 'stage1' ? extra : 0
  const sourceVocabulary = isStage2 ? extra - SPECIALS : 0
  const expectsExtra = isStage2 || classes > 0 || config.get('class_conditional') === true
  if (extra < 0 || (expectsExtra ? extra <= (isStage2 ? SPECIALS : 0) : extra !== 0))
    throw new ModelError(
      `${file}: decoder.embed_tokens.weight has ${embedded} rows for ${dictionary} outputs; this does not match a ${name} model`,
    )
  return {
    kind,
    dim,
    heads,
    layers: integer('decoder_layers'),
    ffn: integer('decoder_ffn_embed_dim'),
    preNorm: config.get('decoder_normalize_before') === true,
    embedScale: config.get('no_scale_embedding') === true ? 1 : Math.sqrt(dim),
    vocabulary,
    sourceVocabulary,
    classes,
    grid: DIGIT_GRID,
  }
}

function rows(tensors: ModelTensors, name: string, dim: number): number {
  const { shape } = tensors.get(name)
  if (shape.length !== 2 || shape[1] !== dim)
    throw new ModelError(`${tensors.file}: ${name} has shape [${shape.join(', ')}], expected [rows, ${dim}]`)
  return shape[0]!
}
