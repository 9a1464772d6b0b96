// The published sizes of the other generators -> files with random weights under the published names.
// d = width, N = layers.
import type { FamilyName } from '../../src/shared/generators/families.ts'
import { VQGAN_KINDS, storedName, type VqganKind } from '../../src/engine/models/vqgan-kinds.ts'
import { cellsOf } from '../../src/engine/models/scale-sides.ts'
import { SCALE_SIDES } from '../../src/shared/grid/layout.ts'
import { linear, stateDict, type Shapes } from './synthetic.ts'
import type { Saved } from './torch-file.ts'

export interface GeneratorModel {
  /** As people call it. */
  readonly title: string
  readonly layers: number
  readonly heads: number
  /** Passes of an image, as published; with guidance of two rows each. */
  readonly passes: number
  readonly isGuided: boolean
  /** Name -> content, for this number of layers. */
  files(layers: number): Readonly<Record<string, Saved>>
}

/** Of 256 px: a position more than cells where a class or a constant has one. */
const CELLS = 256
const CLASSES = 1000

const repeated = (count: number, of: (i: number) => Shapes): Shapes =>
  Array.from({ length: count }, (_, i) => of(i)).flat()
const under = (prefix: string, shapes: Shapes): Shapes =>
  shapes.map(([name, ...shape]) => [prefix + name, ...shape])
const alone = (shapes: Shapes): Saved => stateDict(shapes)

/** A block of timm's ViT. */
const vitBlock = (name: string, d: number): Shapes => [
  ...linear(`${name}.norm1`, d),
  ...linear(`${name}.attn.qkv`, 3 * d, d),
  ...linear(`${name}.attn.proj`, d, d),
  ...linear(`${name}.norm2`, d),
  ...linear(`${name}.mlp.fc1`, 4 * d, d),
  ...linear(`${name}.mlp.fc2`, d, 4 * d),
]

function mage(d: number, N: number): Shapes {
  const words = 1024 + CLASSES + 1
  return [
    ['token_emb.word_embeddings.weight', words, d],
    ['token_emb.position_embeddings.weight', CELLS + 1, d],
    ...linear('token_emb.LayerNorm', d),
    ...repeated(N, (i) => vitBlock(`blocks.${i}`, d)),
    ...linear('norm', d),
    ...linear('decoder_embed', d, d),
    ['decoder_pos_embed_learned', 1, CELLS + 1, d],
    ...repeated(Math.min(N, 8), (i) => vitBlock(`decoder_blocks.${i}`, d)),
    ...linear('decoder_norm', d),
    ...linear('mlm_layer.fc', d, d),
    ...linear('mlm_layer.ln', d),
    ['mlm_layer.bias', 1, 1, words],
  ]
}

const taming = (d: number, N: number, codes: number): Shapes => [
  ['tok_emb.weight', codes, d],
  ['pos_emb', 1, CELLS, d],
  ...repeated(N, (i) => [
    ...['ln1', 'ln2'].flatMap((part) => linear(`blocks.${i}.${part}`, d)),
    ...['key', 'query', 'value', 'proj'].flatMap((part) => linear(`blocks.${i}.attn.${part}`, d, d)),
    ...linear(`blocks.${i}.mlp.0`, 4 * d, d),
    ...linear(`blocks.${i}.mlp.2`, d, 4 * d),
  ]),
  ...linear('ln_f', d),
  ['head.weight', codes, d],
]

function maskgit(d: number, N: number): Shapes {
  const words = 1024 + 1 + CLASSES + 1
  return [
    ['tok_emb.weight', words, d],
    ['pos_emb', 1, CELLS + 1, d],
    ...linear('first_layer.0', d),
    ...linear('first_layer.2', d, d),
    ...linear('first_layer.4', d),
    ...linear('first_layer.6', d, d),
    ...repeated(N, (i) => [
      ...linear(`transformer.layers.${i}.0.norm`, d),
      [`transformer.layers.${i}.0.fn.mha.in_proj_weight`, 3 * d, d],
      [`transformer.layers.${i}.0.fn.mha.in_proj_bias`, 3 * d],
      ...linear(`transformer.layers.${i}.0.fn.mha.out_proj`, d, d),
      ...linear(`transformer.layers.${i}.1.norm`, d),
      ...linear(`transformer.layers.${i}.1.fn.net.0`, 4 * d, d),
      ...linear(`transformer.layers.${i}.1.fn.net.3`, d, 4 * d),
    ]),
    ...linear('last_layer.0', d),
    ...linear('last_layer.2', d, d),
    ...linear('last_layer.4', d),
    ['bias', CELLS + 1, words],
  ]
}

const rar = (d: number, N: number, heads: number): Shapes => [
  ['cls_token', 1, 1, d],
  ['embeddings.weight', 1024 + 1 + CLASSES + 1, d],
  ['pos_embed', 1, CELLS + 1024, d],
  ['target_aware_pos_embed', 1, CELLS + 1024, d],
  ['timesteps_embeddings', 1, CELLS + 100, d],
  ...repeated(N, (i) => [
    ...vitBlock(`blocks.${i}`, d),
    ...['q_norm', 'k_norm'].flatMap((part) => linear(`blocks.${i}.attn.${part}`, d / heads)),
    ...linear(`blocks.${i}.adaLN_modulation.1`, 6 * d, d),
  ]),
  ...linear('adaln_before_head.adaLN_modulation.1', 2 * d, d),
  ...linear('lm_head', 1024, d),
]

/** @param hidden width of its SwiGLU */
const llamagen = (d: number, N: number, hidden: number, codes: number): Shapes => [
  ['cls_embedding.embedding_table.weight', CLASSES + 1, d],
  ['tok_embeddings.weight', codes, d],
  ...repeated(N, (i) => [
    [`layers.${i}.attention.wqkv.weight`, 3 * d, d],
    [`layers.${i}.attention.wo.weight`, d, d],
    [`layers.${i}.feed_forward.w1.weight`, hidden, d],
    [`layers.${i}.feed_forward.w3.weight`, hidden, d],
    [`layers.${i}.feed_forward.w2.weight`, d, hidden],
    [`layers.${i}.attention_norm.weight`, d],
    [`layers.${i}.ffn_norm.weight`, d],
  ]),
  ['norm.weight', d],
  ['output.weight', codes, d],
]

const varOf = (d: number, N: number, heads: number, codes: number, codeWidth: number): Shapes => [
  ['pos_start', 1, 1, d],
  ['pos_1LC', 1, cellsOf(SCALE_SIDES), d],
  ...linear('word_embed', d, codeWidth),
  ['class_emb.weight', CLASSES + 1, d],
  ['lvl_embed.weight', SCALE_SIDES.length, d],
  ...repeated(N, (i) => [
    [`blocks.${i}.attn.scale_mul_1H11`, 1, heads, 1, 1],
    [`blocks.${i}.attn.q_bias`, d],
    [`blocks.${i}.attn.v_bias`, d],
    [`blocks.${i}.attn.mat_qkv.weight`, 3 * d, d],
    ...linear(`blocks.${i}.attn.proj`, d, d),
    ...linear(`blocks.${i}.ffn.fc1`, 4 * d, d),
    ...linear(`blocks.${i}.ffn.fc2`, d, 4 * d),
    ...linear(`blocks.${i}.ada_lin.1`, 6 * d, d),
  ]),
  ...linear('head_nm.ada_lin.1', 2 * d, d),
  ...linear('head', codes, d),
]

interface VqganSizes {
  readonly ch: number
  readonly mult: readonly number[]
  readonly blocks: number
  readonly z: number
  readonly width: number
  readonly codes: number
}
const F16: VqganSizes = { ch: 128, mult: [1, 1, 2, 2, 4], blocks: 2, z: 256, width: 256, codes: 1024 }

/** The decoder and the codes of a VQGAN: what drawing needs. */
function decoder(kind: VqganKind, { ch, mult, blocks, z, width, codes }: VqganSizes): Shapes {
  const { blockBias, shortcut, attention, extraBlocks, quantKernel } = VQGAN_KINDS[kind]
  const widths = mult.map((factor) => ch * factor)
  const top = widths.at(-1)!
  const deepest = widths.length - 1
  const conv = (name: string, to: number, from: number, side: number, bias = true): Shapes =>
    bias ? linear(name, to, from, side, side) : [[`${name}.weight`, to, from, side, side]]
  const resnet = (name: string, from: number, to: number): Shapes => [
    ...linear(`${name}.norm1`, from),
    ...conv(`${name}.conv1`, to, from, 3, blockBias),
    ...linear(`${name}.norm2`, to),
    ...conv(`${name}.conv2`, to, to, 3, blockBias),
    ...(from === to ? [] : conv(`${name}.nin_shortcut`, to, shortcut === 'input' ? from : to, 1, blockBias)),
  ]
  const attends = (name: string): Shapes => [
    ...linear(`${name}.norm`, top),
    ...(kind === 'var'
      ? conv(`${name}.qkv`, 3 * top, top, 1)
      : ['q', 'k', 'v'].flatMap((part) => conv(`${name}.${part}`, top, top, 1))),
    ...conv(`${name}.proj_out`, top, top, 1),
  ]
  const shapes: Shapes = [
    ...conv('decoder.conv_in', top, z, 3),
    ...resnet('decoder.mid.block_1', top, top),
    ...(attention ? attends('decoder.mid.attn_1') : []),
    ...resnet('decoder.mid.block_2', top, top),
    ...widths.flatMap((to, level) => [
      ...repeated(blocks + extraBlocks, (i) => [
        ...resnet(`decoder.up.${level}.block.${i}`, i === 0 ? (widths[level + 1] ?? top) : to, to),
        ...(attention && level === deepest ? attends(`decoder.up.${level}.attn.${i}`) : []),
      ]),
      ...(level > 0 ? conv(`decoder.up.${level}.upsample.conv`, to, to, 3) : []),
    ]),
    ...linear('decoder.norm_out', ch),
    ...conv('decoder.conv_out', 3, ch, 3),
    ...(quantKernel > 0 ? conv('post_quant_conv', z, width, quantKernel) : []),
    ...(kind === 'var' ? repeated(4, (i) => conv(`quantize.quant_resi.qresi_ls.${i}`, width, width, 3)) : []),
    ['quantize.embedding.weight', codes, width],
  ]
  const rename = storedName(kind, widths.length)
  return shapes.map(([name, ...shape]) => [rename(name), ...shape])
}

/** The smallest published model of each family. */
export const GENERATOR_MODELS: { readonly [family in FamilyName]: GeneratorModel } = {
  mage: {
    title: 'MAGE-B',
    layers: 12,
    heads: 12,
    passes: 20,
    isGuided: false,
    files: (N) => ({
      'mage-vitb-1600.pth': { model: stateDict([...mage(768, N), ...under('vqgan.', decoder('mage', F16))]) },
    }),
  },
  taming: {
    title: 'cin_transformer (1.4B)',
    layers: 48,
    heads: 24,
    passes: CELLS,
    isGuided: false,
    files: (N) => ({
      'last.ckpt': {
        state_dict: stateDict([
          ...under('transformer.', taming(1536, N, 16384)),
          ...under('first_stage_model.', decoder('taming', { ...F16, codes: 16384 })),
        ]),
      },
    }),
  },
  maskgit: {
    title: 'MaskGIT v1.0',
    layers: 24,
    heads: 16,
    passes: 8,
    isGuided: true,
    files: (N) => ({
      'MaskGIT_ImageNet_256.pth': { model_state_dict: stateDict(maskgit(768, N)) },
      'last.ckpt': { state_dict: stateDict(decoder('taming', F16)) },
    }),
  },
  rar: {
    title: 'RAR-B',
    layers: 24,
    heads: 16,
    passes: CELLS,
    isGuided: true,
    files: (N) => ({
      'rar_b.bin': alone(rar(768, N, 16)),
      'maskgit-vqgan-imagenet-f16-256.bin': alone(decoder('maskgit', F16)),
    }),
  },
  llamagen: {
    title: 'LlamaGen-B',
    layers: 12,
    heads: 12,
    passes: CELLS,
    isGuided: true,
    files: (N) => ({
      'c2i_B_256.pt': { model: stateDict(llamagen(768, N, 2048, 16384)) },
      'vq_ds16_c2i.pt': { model: stateDict(decoder('llamagen', { ...F16, width: 8, codes: 16384 })) },
    }),
  },
  var: {
    title: 'VAR-d16',
    layers: 16,
    heads: 16,
    passes: SCALE_SIDES.length,
    isGuided: true,
    files: (N) => ({
      'var_d16.pth': alone(varOf(1024, N, 16, 4096, 32)),
      'vae_ch160v4096z32.pth': alone(decoder('var', { ...F16, ch: 160, z: 32, width: 32, codes: 4096 })),
    }),
  },
}
