// MAGE (Li et al., CVPR 2023): a masked encoder and decoder over VQGAN codes, without classes. Source: LTH14/mage
// models_mage.py and gen_img_uncond.py, 1becb14. R = rows, C = dim, 257 positions: a constant first token, then the grid.
import { ModelError } from '../../../shared/errors.ts'
import { GraphBuilder, type Graph, type Value } from '../../graph/index.ts'
import { attention } from '../attention.ts'
import { blocks, denseLinear, layerNorm, type Layer, type Stack } from '../blocks.ts'
import type { ModelTensors } from '../tensors.ts'
import type { Hints, MaskedNetwork } from './generator.ts'
import { headsOf, layersOf, matrix, publishedHeads, type Sizes } from './sizes.ts'

/** Words besides the codes: 1000 classes that nothing uses, and the mask. */
const EXTRA = 1001
/** The "class" that every sequence starts with: 1100 for 1024 codes. */
const FIRST = 76
/** Of the decoder, at every size. */
const DECODER_HEADS = 16
const PUBLISHED = [
  [768, 12, 12],
  [1024, 24, 16],
] as const

export interface MageConfig extends Sizes {
  readonly decoderLayers: number
  readonly codes: number
  readonly classes: 0
  readonly cells: number
}

export function mageConfig(tensors: ModelTensors): MageConfig {
  const [words, dim] = matrix(tensors, 'token_emb.word_embeddings.weight')
  const [positions] = matrix(tensors, 'token_emb.position_embeddings.weight')
  if (words <= EXTRA)
    throw new ModelError(`${tensors.file}: ${words} words leave no codes besides ${EXTRA} others`)
  if (dim % DECODER_HEADS !== 0)
    throw new ModelError(`${tensors.file}: ${dim} dimensions are not divisible by ${DECODER_HEADS} heads`)
  const layers = layersOf(tensors, (i) => `blocks.${i}.norm1.weight`)
  return {
    dim,
    layers,
    heads: publishedHeads(PUBLISHED, dim, layers),
    decoderLayers: layersOf(tensors, (i) => `decoder_blocks.${i}.norm1.weight`),
    codes: words - EXTRA,
    classes: 0,
    cells: positions - 1,
  }
}

export function mage(tensors: ModelTensors, { heads }: Hints): MaskedNetwork {
  const config = mageConfig(tensors)
  const encoderHeads = headsOf(tensors.file, config, heads)
  const { codes, cells } = config
  const mask = codes + EXTRA - 1
  return {
    order: 'masked',
    vocabulary: codes,
    classes: 0,
    cells,
    columns: codes,
    mask,
    ids: (grid) => [codes + FIRST, ...Array.from(grid)],
    step: () => stepGraph(tensors, config, encoderHeads, mask),
  }
}

const stackOf = (prefix: string, dim: number, layers: number, heads: number): Stack => ({
  dim,
  heads,
  layers,
  norm: 'layer',
  epsilon: 1e-6,
  place: 'before',
  activation: 'gelu',
  names(i) {
    const layer = (part: string): Layer => ({
      weight: `${prefix}.${i}.${part}.weight`,
      bias: `${prefix}.${i}.${part}.bias`,
    })
    return {
      norm1: `${prefix}.${i}.norm1`,
      norm2: `${prefix}.${i}.norm2`,
      qkv: layer('attn.qkv'),
      out: layer('attn.proj'),
      mlp: [layer('mlp.fc1'), layer('mlp.fc2')],
    }
  },
})

function stepGraph(
  tensors: ModelTensors,
  { dim, layers, decoderLayers, codes, cells }: MageConfig,
  heads: number,
  mask: number,
): Graph {
  const g = new GraphBuilder('mage_step')
  const T = cells + 1
  const linear = denseLinear(tensors)
  const weight = (name: string, shape?: readonly number[]) => g.weight(tensors.get(name, shape))
  const ids = g.input('ids', 'i64', ['B', T])
  const pass = {
    B: 'B',
    T,
    shape: g.shapeOf(ids, 0, 2),
    attend: (g: GraphBuilder, q: Value, k: Value, v: Value) => attention(g, q, k, v, undefined),
  }
  const rows = (x: Value) => g.reshape(x, ['B*T', dim])
  const grid = (x: Value) => g.reshape(x, ['B', T, dim])

  const words = weight('token_emb.word_embeddings.weight', [codes + EXTRA, dim])
  const embedded = g.op('Add', [
    g.op('Gather', [words, ids], { axis: 0 }),
    weight('token_emb.position_embeddings.weight', [T, dim]),
  ])
  let x = rows(layerNorm(g, tensors, embedded, 'token_emb.LayerNorm', 1e-6))
  x = blocks(g, tensors, stackOf('blocks', dim, layers, heads), x, pass)
  x = layerNorm(g, tensors, x, 'norm', 1e-6)

  // The decoder sees the encoder's result at the first position in place of every masked one.
  const decoded = grid(linear(g, x, 'decoder_embed.weight', 'decoder_embed.bias'))
  const isOpen = g.unsqueeze(g.op('GreaterOrEqual', [ids, g.scalar(mask, 'i64')]), 2) // [R, 257, 1]
  const padded = g.op('Where', [isOpen, g.slice(decoded, 1, 0, 1), decoded])
  x = rows(g.op('Add', [padded, weight('decoder_pos_embed_learned', [1, T, dim])]))
  x = blocks(g, tensors, stackOf('decoder_blocks', dim, decoderLayers, DECODER_HEADS), x, pass)
  x = layerNorm(g, tensors, x, 'decoder_norm', 1e-6)

  const hidden = g.op('Gelu', [linear(g, x, 'mlm_layer.fc.weight', 'mlm_layer.fc.bias')])
  const predicted = grid(layerNorm(g, tensors, hidden, 'mlm_layer.ln', 1e-5))
  const places = g.reshape(g.slice(predicted, 1, 1, T), [`B*${cells}`, dim])
  const bias = g.reshape(weight('mlm_layer.bias', [1, 1, codes + EXTRA]), [codes + EXTRA])
  const logits = g.op('Gemm', [places, g.slice(words, 0, 0, codes), g.slice(bias, 0, 0, codes)], {
    transB: 1,
  })
  g.output('logits', g.reshape(logits, ['B', cells, codes]))
  return g.build()
}
