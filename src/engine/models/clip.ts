// A CLIP vision transformer's tensors -> image embeddings.
// Sources: clip/model.py of openai/CLIP (VisionTransformer), open_clip/transformer.py, and CLIPVisionModelWithProjection of
// transformers for the other names. B = batch, S = input side, P = patch side, D = width, H = heads, T = 1 + (S/P)^2.
import { ModelError } from '../../shared/errors.ts'
import { GraphBuilder, type Graph, type Value } from '../graph/index.ts'
import type { ModelTensors } from './tensors.ts'

/** Width of a head: of all vision transformers of OpenAI, and the default of open_clip. */
const HEAD = 64
const EPSILON = 1e-5
/** Statistics of the RGB channels of OpenAI's training images. */
export const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073] as const
export const CLIP_STD = [0.26862954, 0.26130258, 0.27577711] as const

/** Between the layers of a block: x sigmoid(1.702 x) in OpenAI's models, the exact GELU in most of open_clip. */
export type ClipActivation = 'quick_gelu' | 'gelu'

export interface ClipConfig {
  /** Whose names the tensors have: OpenAI and open_clip, or transformers. */
  readonly names: 'openai' | 'transformers'
  readonly width: number
  readonly depth: number
  readonly heads: number
  readonly patch: number
  /** Side of the input images. */
  readonly side: number
  /** Width of an embedding. */
  readonly embedding: number
}

/** Names of the tensors outside the blocks. */
const NAMES = {
  openai: {
    patches: 'visual.conv1.weight',
    first: 'visual.class_embedding',
    positions: 'visual.positional_embedding',
    before: 'visual.ln_pre',
    after: 'visual.ln_post',
    projection: 'visual.proj',
    block: (i: number) => `visual.transformer.resblocks.${i}`,
    parts: { norm1: 'ln_1', norm2: 'ln_2', out: 'attn.out_proj', wide: 'mlp.c_fc', narrow: 'mlp.c_proj' },
  },
  transformers: {
    patches: 'vision_model.embeddings.patch_embedding.weight',
    first: 'vision_model.embeddings.class_embedding',
    positions: 'vision_model.embeddings.position_embedding.weight',
    before: 'vision_model.pre_layrnorm',
    after: 'vision_model.post_layernorm',
    projection: 'visual_projection.weight',
    block: (i: number) => `vision_model.encoder.layers.${i}`,
    parts: {
      norm1: 'layer_norm1',
      norm2: 'layer_norm2',
      out: 'self_attn.out_proj',
      wide: 'mlp.fc1',
      narrow: 'mlp.fc2',
    },
  },
} as const

/** Reads the sizes from the tensors' shapes. Throws ModelError for a network of another kind. */
export function clipConfig(tensors: ModelTensors): ClipConfig {
  const names = tensors.has(NAMES.openai.patches) ? 'openai' : 'transformers'
  const { patches, positions, projection, block, parts } = NAMES[names]
  const [width = 0, channels, patch = 0] = tensors.get(patches).shape
  if (width % HEAD !== 0 || channels !== 3 || patch < 1)
    throw new ModelError(
      `${tensors.file}: ${patches} has the wrong shape (expected [multiple of ${HEAD}, 3, patch, patch])`,
    )
  const [rows = 0] = tensors.get(positions).shape
  const patchesAcross = Math.sqrt(rows - 1)
  if (!Number.isInteger(patchesAcross) || patchesAcross < 1)
    throw new ModelError(`${tensors.file}: ${positions} has ${rows} rows (expected a square number plus one)`)
  let depth = 0
  while (tensors.has(`${block(depth)}.${parts.norm1}.weight`)) depth++
  const { shape } = tensors.get(projection)
  const embedding = (names === 'openai' ? shape[1] : shape[0]) ?? 0
  return { names, width, depth, heads: width / HEAD, patch, side: patchesAcross * patch, embedding }
}

/** Width, depth and letter of the published networks. */
const PUBLISHED = [
  [768, 12, 'B'],
  [1024, 24, 'L'],
  [1280, 32, 'H'],
] as const
/** Of most models; a network for larger images is named with their side. */
const USUAL_SIDE = 224

/** `ViT-B/32`, `ViT-L/14-336`. */
export function clipName({
  width,
  depth,
  patch,
  side,
}: Pick<ClipConfig, 'width' | 'depth' | 'patch' | 'side'>): string {
  const letter = PUBLISHED.find(([w, d]) => w === width && d === depth)?.[2]
  if (!letter) return `${depth}-block ViT`
  return `ViT-${letter}/${patch}${side === USUAL_SIDE ? '' : `-${side}`}`
}

/** Input `pixels` f32 [B, 3, S, S] in 0..1; output `features` f32 [B, E]: `encode_image`, not normalized. */
export function clipEmbedding(
  tensors: ModelTensors,
  activation: ClipActivation,
  { mean, std }: { readonly mean: readonly number[]; readonly std: readonly number[] } = {
    mean: CLIP_MEAN,
    std: CLIP_STD,
  },
): Graph {
  const config = clipConfig(tensors)
  const { width: D, depth, patch: P, side: S, embedding: E } = config
  const names = NAMES[config.names]
  const cells = (S / P) ** 2
  const T = 1 + cells
  const g = new GraphBuilder('clip')
  const weight = (name: string, shape: readonly number[]) => g.weight(tensors.get(name, shape))
  const norm = (x: Value, name: string) =>
    g.op('LayerNormalization', [x, weight(`${name}.weight`, [D]), weight(`${name}.bias`, [D])], {
      axis: -1,
      epsilon: EPSILON,
    })
  const pixels = g.input('pixels', 'f32', ['B', 3, S, S])
  const perChannel = (values: readonly number[]) => g.constant('f32', values, [3, 1, 1])
  const normal = g.op('Div', [g.op('Sub', [pixels, perChannel(mean)]), perChannel(std)])
  const grid = g.op('Conv', [normal, weight(names.patches, [D, 3, P, P])], {
    kernel_shape: [P, P],
    strides: [P, P],
  }) // [B, D, S/P, S/P]
  const patches = g.transpose(g.reshape(grid, ['B', D, cells]), [0, 2, 1]) // [B, T - 1, D]
  const first = g.reshape(weight(names.first, [D]), [1, 1, D])
  const batch = g.concat([g.shapeOf(pixels, 0, 1), g.constant('i64', [1, D])], 0)
  const firsts = g.nodes('Expand', [first, batch], {}, [{ type: 'f32', shape: ['B', 1, D] }])[0]!
  const positions = g.reshape(weight(names.positions, [T, D]), [1, T, D])
  const embedded = g.op('Add', [g.concat([firsts, patches], 1), positions])
  let x = g.reshape(norm(embedded, names.before), ['B*T', D]) // rows, as Gemm wants them
  for (let i = 0; i < depth; i++) x = block(g, tensors, config, activation, norm, x, T, i)
  const last = g.reshape(g.slice(g.reshape(x, ['B', T, D]), 1, 0, 1), ['B', D])
  const projection = weight(names.projection, config.names === 'openai' ? [D, E] : [E, D])
  const transposed = config.names === 'openai' ? 0 : 1
  g.output('features', g.op('Gemm', [norm(last, names.after), projection], { transB: transposed }))
  return g.build()
}

/** x += attn(norm1(x)), then x += mlp(norm2(x)), on rows x [B*T, D]. */
function block(
  g: GraphBuilder,
  tensors: ModelTensors,
  { names, width: D, heads: H }: ClipConfig,
  activation: ClipActivation,
  norm: (x: Value, name: string) => Value,
  x: Value,
  T: number,
  i: number,
): Value {
  const { block, parts } = NAMES[names]
  const name = block(i)
  const linear = (
    x: Value,
    part: string,
    out: number,
    weightName = `${part}.weight`,
    bias = `${part}.bias`,
  ) =>
    g.op(
      'Gemm',
      [
        x,
        g.weight(tensors.get(`${name}.${weightName}`, [out, x.shape[1] as number])),
        g.weight(tensors.get(`${name}.${bias}`, [out])),
      ],
      { transB: 1 },
    )
  const normal = norm(x, `${name}.${parts.norm1}`)
  const qkv =
    names === 'openai'
      ? thirds(g, linear(normal, '', 3 * D, 'attn.in_proj_weight', 'attn.in_proj_bias'), D)
      : ['q', 'k', 'v'].map((part) => linear(normal, `self_attn.${part}_proj`, D))
  const heads = (rows: Value, perm: number[]) => g.transpose(g.reshape(rows, ['B', T, H, HEAD]), perm)
  const q = g.op('Mul', [heads(qkv[0]!, [0, 2, 1, 3]), g.scalar(HEAD ** -0.5)]) // [B, H, T, 64]
  const scores = g.op('MatMul', [q, heads(qkv[1]!, [0, 2, 3, 1])])
  const mixed = g.op('MatMul', [g.op('Softmax', [scores], { axis: -1 }), heads(qkv[2]!, [0, 2, 1, 3])])
  const joined = g.reshape(g.transpose(mixed, [0, 2, 1, 3]), ['B*T', D])
  x = g.op('Add', [x, linear(joined, parts.out, D)])
  const wide = linear(norm(x, `${name}.${parts.norm2}`), parts.wide, 4 * D)
  const active =
    activation === 'gelu'
      ? g.op('Gelu', [wide])
      : g.op('Mul', [wide, g.op('Sigmoid', [g.op('Mul', [wide, g.scalar(1.702)])])])
  return g.op('Add', [x, linear(active, parts.narrow, D)])
}

const thirds = (g: GraphBuilder, rows: Value, D: number): Value[] =>
  [0, 1, 2].map((i) => g.slice(rows, 1, i * D, (i + 1) * D))
