// Sizes -> a folder of models in the official layout with random weights, scaled as in trained networks.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { encodeNpy } from '../../src/engine/bytes/index.ts'
import { SPECIALS } from '../../src/engine/models/transformer-config.ts'
import { writeTorchFile, type Saved, type TensorToSave } from './torch-file.ts'

export interface Sizes {
  readonly layers: number
  readonly encoderDepth: number
}
/** The published base model: stage 1 of 219M, ViT-B/14. */
export const BASE: Sizes = { layers: 16, encoderDepth: 12 }
/** The same widths with few layers, for testing the benchmark itself. */
export const SLICE: Sizes = { layers: 6, encoderDepth: 4 }

const DIM = 1024
const HEADS = 16
const FFN = 4096
const TOKENS = 8192
const CODES = 1024
const POSITIONS = 1026
const ENCODER_DIM = 768
const VQGAN = { ch: 128, mult: [1, 1, 2, 2, 4], blocks: 2, z: 256 }
export const STAGE1 = 'outputs/base_stage1/checkpoints/checkpoint_last.pt'
const CENTROIDS = 'data/ILSVRC2012/dinov2_base_short_224_l3/km_8k.npy'
/** Written last: a folder that contains it, with the same sizes, is complete. */
const MARK = 'synthetic.json'

export type Shapes = readonly (readonly [name: string, ...shape: number[]])[]

/** Fills the folder unless it already contains these models. */
export async function writeModels(folder: string, sizes: Sizes): Promise<void> {
  const mark = JSON.stringify({ ...sizes, version: 2 })
  if ((await readFile(join(folder, MARK), 'utf8').catch(() => '')) === mark) return
  await rm(folder, { recursive: true, force: true })
  const transformer = (_name: string, tensors: Shapes): Saved => ({
    args: null,
    cfg: { model: fairseqConfig(_name, sizes) },
    model: stateDict(tensors),
  })
  const files: Record<string, Saved> = {
    [STAGE1]: transformer('stlm', decoder(sizes, TOKENS)),
    'outputs/base_stage2/checkpoints/checkpoint_last.pt': transformer('st2vtlm', secondStage(sizes)),
    'outputs/base_stage2_nar/checkpoints/checkpoint_last.pt': transformer('st2vtlm_nar', secondStage(sizes)),
    'models/dinov2_vitb14_reg4_pretrain.pth': stateDict(encoder(sizes)),
    'models/vqgan_jax_strongaug.ckpt': { state_dict: stateDict(vqgan()) },
  }
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeTorchFile(join(folder, name), content)
  }
  await mkdir(dirname(join(folder, CENTROIDS)), { recursive: true })
  await writeFile(join(folder, CENTROIDS), centroids())
  await mkdir(join(folder, 'config/vqgan'), { recursive: true })
  await writeFile(join(folder, 'config/vqgan/vqgan.yaml'), vqganYaml())
  await writeFile(join(folder, MARK), mark)
}

function centroids(): Uint8Array {
  const data = new Float32Array(TOKENS * ENCODER_DIM)
  let at = 0
  for (const piece of normal('centroids', data.length, 0, 1)) {
    data.set(piece, at)
    at += piece.length
  }
  return encodeNpy({ data, shape: [TOKENS, ENCODER_DIM] })
}

const fairseqConfig = (_name: string, { layers }: Sizes): Saved => ({
  _name,
  activation_fn: 'gelu',
  decoder_embed_dim: DIM,
  decoder_input_dim: DIM,
  decoder_output_dim: DIM,
  decoder_ffn_embed_dim: FFN,
  decoder_layers: layers,
  decoder_attention_heads: HEADS,
  decoder_normalize_before: _name !== 'stlm',
  decoder_learned_pos: true,
  class_conditional: false,
  kmeans_path: CENTROIDS,
  vqgan_ckpt_path: 'models/vqgan_jax_strongaug.ckpt',
  vqgan_config_path: 'config/vqgan/vqgan.yaml',
  pretrained_enc_config: { pretrained_enc_path: 'models/dinov2_vitb14_reg4_pretrain.pth', layer: 3 },
})

/** fairseq's decoder; `more` rows of the embedding belong to another dictionary. */
const decoder = ({ layers }: Sizes, tokens: number, more = 0): Shapes => [
  ['decoder.embed_tokens.weight', tokens + SPECIALS + more, DIM],
  ['decoder.embed_positions.weight', POSITIONS, DIM],
  ...Array.from({ length: layers }, (_, i) => `decoder.layers.${i}`).flatMap((layer) => [
    ...['k_proj', 'v_proj', 'q_proj', 'out_proj'].flatMap((part) =>
      linear(`${layer}.self_attn.${part}`, DIM, DIM),
    ),
    ...linear(`${layer}.self_attn_layer_norm`, DIM),
    ...linear(`${layer}.fc1`, FFN, DIM),
    ...linear(`${layer}.fc2`, DIM, FFN),
    ...linear(`${layer}.final_layer_norm`, DIM),
  ]),
  ['decoder.output_projection.weight', tokens + SPECIALS, DIM],
]

const secondStage = (sizes: Sizes): Shapes => [
  ...decoder(sizes, CODES, TOKENS + SPECIALS),
  ...linear('decoder.layer_norm', DIM),
  ['decoder.embed_positions_1.weight', POSITIONS, DIM],
]

const encoder = ({ encoderDepth }: Sizes): Shapes => [
  ['cls_token', 1, 1, ENCODER_DIM],
  ['pos_embed', 1, 1370, ENCODER_DIM],
  ['register_tokens', 1, 4, ENCODER_DIM],
  ['mask_token', 1, ENCODER_DIM],
  ...linear('patch_embed.proj', ENCODER_DIM, 3, 14, 14),
  ...Array.from({ length: encoderDepth }, (_, i) => `blocks.${i}`).flatMap((block) => [
    ...linear(`${block}.norm1`, ENCODER_DIM),
    ...linear(`${block}.attn.qkv`, 3 * ENCODER_DIM, ENCODER_DIM),
    ...linear(`${block}.attn.proj`, ENCODER_DIM, ENCODER_DIM),
    [`${block}.ls1.gamma`, ENCODER_DIM] as const,
    ...linear(`${block}.norm2`, ENCODER_DIM),
    ...linear(`${block}.mlp.fc1`, 4 * ENCODER_DIM, ENCODER_DIM),
    ...linear(`${block}.mlp.fc2`, ENCODER_DIM, 4 * ENCODER_DIM),
    [`${block}.ls2.gamma`, ENCODER_DIM] as const,
  ]),
  ...linear('norm', ENCODER_DIM),
]

function vqgan(): Shapes {
  const { ch, mult, blocks, z } = VQGAN
  const widths = mult.map((factor) => ch * factor)
  const top = widths.at(-1)!
  const resnet = (name: string, from: number, to: number): Shapes => [
    ...linear(`${name}.norm1`, from),
    [`${name}.conv1.weight`, to, from, 3, 3],
    ...linear(`${name}.norm2`, to),
    [`${name}.conv2.weight`, to, to, 3, 3],
    ...(from === to ? [] : ([[`${name}.nin_shortcut.weight`, to, to, 1, 1]] as const)),
  ]
  const middle = (name: string) => [1, 2].flatMap((i) => resnet(`${name}.mid.block_${i}`, top, top))
  const level = (name: string, from: number, to: number) =>
    Array.from({ length: blocks }, (_, i) => resnet(`${name}.block.${i}`, i === 0 ? from : to, to)).flat()
  return [
    ['encoder.conv_in.weight', ch, 3, 3, 3],
    ...widths.flatMap((width, i) => level(`encoder.down.${i}`, widths[i - 1] ?? ch, width)),
    ...middle('encoder'),
    ...linear('encoder.norm_out', top),
    ...linear('encoder.conv_out', z, top, 1, 1),
    ...linear('decoder.conv_in', top, z, 3, 3),
    ...middle('decoder'),
    ...widths.flatMap((width, i) => [
      ...level(`decoder.up.${i}`, widths[i + 1] ?? top, width),
      ...(i > 0 ? linear(`decoder.up.${i}.upsample.conv`, width, width, 3, 3) : []),
    ]),
    ...linear('decoder.norm_out', ch),
    ...linear('decoder.conv_out', 3, ch, 3, 3),
    ['quantize.embedding.weight', CODES, z],
  ]
}

const vqganYaml = () => `model:
  target: pixel_generator.mage.taming.models.vqgan.VQModel
  params:
    embed_dim: ${VQGAN.z}
    n_embed: ${CODES}
    ddconfig:
      double_z: false
      z_channels: ${VQGAN.z}
      resolution: 256
      in_channels: 3
      out_ch: 3
      ch: ${VQGAN.ch}
      ch_mult: [${VQGAN.mult.join(', ')}]
      num_res_blocks: ${VQGAN.blocks}
      attn_resolutions: [16]
      dropout: 0.0
`

/** Weight and bias of a layer, or of a norm if the weight has one dimension. */
export const linear = (name: string, ...shape: number[]): Shapes => [
  [`${name}.weight`, ...shape],
  [`${name}.bias`, shape[0]!],
]

export const stateDict = (shapes: Shapes): ReadonlyMap<string, TensorToSave> =>
  new Map(shapes.map(([name, ...shape]) => [name, randomTensor(name, shape)]))

const LOGITS = /(^|\.)(output_projection|lm_head|head|output)\.weight$/
const LAST_OF_BLOCK = /(out_proj|fc2|attn\.proj|attention\.wo|feed_forward\.w2|mlp\.2|net\.3)\.weight$/

/**
 * Products keep the variance of their input. The last ones of a block add little to its input, as in a trained network;
 * otherwise all positions become alike. Logits have a standard deviation of 2.5, which gives about 6 nats of entropy.
 */
function randomTensor(name: string, shape: readonly number[]): TensorToSave {
  const [rows = 1, ...rest] = shape
  const count = shape.reduce((product, size) => product * size, 1)
  const isNorm = rest.length === 0 && name.endsWith('.weight')
  const mean = isNorm ? 1 : name.endsWith('.gamma') ? 0.1 : 0
  const gain = LOGITS.test(name) ? 2.5 : LAST_OF_BLOCK.test(name) ? 0.2 : 1
  const std = rest.length === 0 ? 0.02 : gain / Math.sqrt(count / rows)
  return {
    dtype: 'f32',
    shape,
    *bytes() {
      for (const piece of normal(name, count, mean, std)) yield new Uint8Array(piece.buffer)
    },
  }
}

/** A prime, so that the rows of a matrix start at different places of the list. */
const NOISE_LENGTH = 2 ** 20 - 3
let noise: Float32Array<ArrayBuffer> | undefined

/** Normally distributed numbers, the same for a name in every run: scaled parts of one list. */
function* normal(
  name: string,
  count: number,
  mean: number,
  std: number,
): Generator<Float32Array<ArrayBuffer>> {
  noise ??= standardNormal(NOISE_LENGTH)
  for (let done = 0, at = crc32(name) % NOISE_LENGTH; done < count;) {
    const piece = noise.slice(at, at + count - done)
    for (let i = 0; i < piece.length; i++) piece[i] = mean + std * piece[i]!
    yield piece
    done += piece.length
    at = 0
  }
}

/** Box and Muller's method on a linear congruential generator (Numerical Recipes). */
function standardNormal(length: number): Float32Array<ArrayBuffer> {
  let state = 1
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
  return Float32Array.from(
    { length },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  )
}
