// A DINOv2 vision transformer's tensors -> patch features, and with K-Means centroids the discriminative tokens.
// Source: dinov2/models/vision_transformer.py (facebookresearch/dinov2) and fairseq_user/models of the DiGIT release.
// B = batch, S = input side, P = patch side, D = width, H = heads, R = registers, T = 1 + R + 256 positions.
import type { GridShape } from '../../shared/grid/shape.ts'
import { DIGIT_GRID } from '../../shared/grid/layout.ts'
import { ModelError } from '../../shared/errors.ts'
import { GraphBuilder, type Arithmetic, type Graph, type Value } from '../graph/index.ts'
import type { TensorView } from '../checkpoint/weights.ts'
import { nearest } from './nearest.ts'
import type { ModelTensors } from './tensors.ts'

const HEAD = 64
const EPSILON = 1e-6
/** ImageNet statistics of the RGB channels. */
const MEAN = [0.485, 0.456, 0.406]
const STD = [0.229, 0.224, 0.225]
/** Added to the grid by the published code before dividing, so that rounding never loses a cell. */
const POSITION_OFFSET = 0.1

/** Tensors of relatives of these networks, which are not built here. */
const UNSUPPORTED: readonly { readonly name: string; readonly of: string }[] = [
  {
    name: 'token_emb.word_embeddings.weight',
    of: 'MAGE without its decoder, as fine-tuned for classification, which neither draws nor makes features of pixels',
  },
  {
    name: 'reg_token',
    of: "timm's version of DINOv2, whose positions leave out the class token; use the original file",
  },
]

export interface Dinov2Config {
  readonly width: number
  readonly depth: number
  readonly heads: number
  readonly registers: number
  /** Pixels along a patch's side. */
  readonly patch: number
  /** Patches along a side of the image that `pos_embed` was trained for. */
  readonly positions: number
  /** Grid of the patches that have features, for any patch size. */
  readonly grid: GridShape
}

export interface Dinov2Options {
  /** Side of the input images, which are resized to 16 patches if necessary. @default 16 * patch */
  readonly size?: number
  /** The block whose output is used, counted from the end: 1 is the last. @default 3 */
  readonly layer?: number
}

/** K-Means centroids, [K, D] as in the .npy, or [D, K] as in checkpoints. */
export interface Centroids {
  readonly tensor: TensorView
  /** Name of their file in errors. @default that of the tensor */
  readonly file?: string
  readonly transposed: boolean
}

/**
 * The tensors by the names of a model without chunks. Trainings with `block_chunks` (DINOv2's default) name a block
 * `blocks.CHUNK.NUMBER`, where the number counts through all chunks.
 */
export function dinov2Tensors(tensors: ModelTensors): ModelTensors {
  const stored = new Map<string, string>(
    tensors.names.flatMap((name) => {
      const [, number, part] = /^blocks\.\d+\.(\d+)\.(.*)$/.exec(name) ?? []
      return number === undefined ? [] : [[`blocks.${number}.${part}`, name] as const]
    }),
  )
  if (stored.size === 0) return tensors
  const nameOf = (name: string) => stored.get(name) ?? name
  return {
    ...tensors,
    has: (name) => tensors.has(nameOf(name)),
    get: (name, shape) => tensors.get(nameOf(name), shape),
  }
}

/** Reads the sizes from the tensors' shapes. */
export function dinov2Config(tensors: ModelTensors): Dinov2Config {
  const { file } = tensors
  const foreign = UNSUPPORTED.find(({ name }) => tensors.has(name))
  if (foreign) throw new ModelError(`${file}: ${foreign.name} belongs to ${foreign.of}`)
  const [width = 0, channels, patch = 0] = tensors.get('patch_embed.proj.weight').shape
  if (width % HEAD !== 0 || channels !== 3 || patch < 1)
    throw new ModelError(
      `${file}: patch_embed.proj.weight has the wrong shape (expected [multiple of ${HEAD}, 3, patch, patch])`,
    )
  const [, rows = 0] = tensors.get('pos_embed').shape
  const positions = Math.sqrt(rows - 1)
  if (!Number.isInteger(positions) || positions < 1)
    throw new ModelError(
      `${file}: pos_embed has ${rows} rows (expected a square number plus one for cls_token)`,
    )
  let depth = 0
  while (tensors.has(`blocks.${depth}.norm1.weight`)) depth++
  const registers = tensors.has('register_tokens') ? (tensors.get('register_tokens').shape[1] ?? 0) : 0
  return { width, depth, heads: width / HEAD, registers, patch, positions, grid: DIGIT_GRID }
}

/** Input `pixels` f32 [B, 3, S, S] in 0..1; output `features` [B, 256, D], f32 or, for storing them, f16. */
export function dinov2Features(
  tensors: ModelTensors,
  options: Dinov2Options = {},
  type: 'f32' | 'f16' = 'f32',
): Graph {
  const g = new GraphBuilder('dinov2_features')
  g.output('features', patchFeatures(g, tensors, options), type)
  return g.build()
}

/**
 * Like `dinov2Features`, with further outputs: `tokens` i64 [B, 256], the nearest centroids; `distance` f32 [B, 256],
 * the squared distance to them; `margin` f32 [B, 256], how much farther the second nearest is. Memory: see `nearest`.
 */
export function dinov2Tokenizer(
  tensors: ModelTensors,
  { tensor, transposed, file = tensor.path }: Centroids,
  options: Dinov2Options = {},
  arithmetic?: Arithmetic,
): Graph {
  const {
    width,
    grid: { cells },
  } = dinov2Config(tensors)
  const found = transposed ? tensor.shape[0] : tensor.shape[1]
  if (tensor.shape.length !== 2 || found !== width)
    throw new ModelError(
      `${file}: centroids [${tensor.shape.join(', ')}] do not match the encoder ${tensors.file} (width ${width})`,
    )
  const g = new GraphBuilder('dinov2_tokenizer', arithmetic)
  const features = g.asFloat32(patchFeatures(g, tensors, options))
  const rows = g.reshape(features, [`B*${cells}`, width])
  const { index, distance, margin } = g.inFloat32(() => nearest(g, rows, g.weight(tensor), transposed))
  g.output('features', features)
  g.output('tokens', g.reshape(index, ['B', cells]))
  g.output('distance', g.reshape(distance, ['B', cells]))
  g.output('margin', g.reshape(margin, ['B', cells]))
  return g.build()
}

/**
 * Input `pixels` f32 [B, 3, 16P, 16P] in 0..1; output `features` f32 [B, D]: the class token of the last block, which
 * FD-DINOv2 compares (Stein et al. 2023; `x_norm_clstoken` of the original).
 */
export function dinov2ClassToken(tensors: ModelTensors): Graph {
  const g = new GraphBuilder('dinov2_class_token')
  const { width } = dinov2Config(tensors)
  const tokens = blockOutput(g, tensors, { layer: 1 })
  g.output('features', g.reshape(g.slice(tokens, 1, 0, 1), ['B', width]))
  return g.build()
}

/** The normalised output of a block for the 256 patches: [B, 256, D]. */
function patchFeatures(g: GraphBuilder, tensors: ModelTensors, options: Dinov2Options): Value {
  const tokens = blockOutput(g, tensors, options)
  const T = tokens.shape[1] as number
  return g.slice(tokens, 1, T - dinov2Config(tensors).grid.cells, T)
}

/** The normalised output of a block, class token and registers first: [B, T, D]. */
function blockOutput(g: GraphBuilder, tensors: ModelTensors, options: Dinov2Options): Value {
  const config = dinov2Config(tensors)
  const { width: D, depth, patch, registers, grid: shape } = config
  const { size = shape.side * patch, layer = 3 } = options
  if (!Number.isInteger(layer) || layer < 1 || layer > depth)
    throw new ModelError(
      `${tensors.file}: block ${layer} from the end does not exist (the encoder has ${depth} blocks)`,
    )
  const weight = (name: string, shape: readonly number[]) => g.weight(tensors.get(name, shape))
  const pixels = g.input('pixels', 'f32', ['B', 3, size, size])
  const image = encoderImage(g, pixels, shape.side * patch) // [B, 3, 16P, 16P]
  const kernel = weight('patch_embed.proj.weight', [D, 3, patch, patch])
  const bias = weight('patch_embed.proj.bias', [D])
  const grid = g.op('Conv', [image, kernel, bias], {
    kernel_shape: [patch, patch],
    strides: [patch, patch],
  }) // [B, D, 16, 16]
  const patches = g.transpose(g.reshape(grid, ['B', D, shape.cells]), [0, 2, 1]) // [B, 256, D]
  // In half precision, positions and the sums over the blocks stay in float32: some of their values are large.
  const { cls, rest } = g.inFloat32(() => positionEmbedding(g, tensors, config))
  const first = g.op('Add', [weight('cls_token', [1, 1, D]), cls]) // [1, 1, D]
  const extra = registers === 0 ? [first] : [first, weight('register_tokens', [1, registers, D])]
  const head = g.concat(extra, 1) // [1, 1 + R, D]
  const batch = g.concat([g.shapeOf(pixels, 0, 1), g.constant('i64', [1 + registers, D])], 0)
  const heads = g.nodes('Expand', [head, batch], {}, [{ type: 'f32', shape: ['B', 1 + registers, D] }])[0]!
  const T = 1 + registers + shape.cells
  let x = g.reshape(g.concat([heads, g.op('Add', [patches, rest])], 1), ['B*T', D]) // rows, as Gemm wants them
  for (let i = 0; i <= depth - layer; i++) x = block(g, tensors, config, x, T, `blocks.${i}`)
  return layerNorm(g, tensors, g.reshape(x, ['B', T, D]), 'norm')
}

/** Pixels [B, 3, S, S] in 0..1 -> input of the patch convolution: normalised, and `side` pixels wide. */
export function encoderImage(g: GraphBuilder, pixels: Value, side: number): Value {
  const [, , size] = pixels.shape as [string, number, number]
  const perChannel = (values: readonly number[]) => g.constant('f32', values, [3, 1, 1])
  const normal = g.op('Div', [g.op('Sub', [pixels, perChannel(MEAN)]), perChannel(STD)])
  return size === side ? normal : bicubic(g, normal, side, side / size)
}

/** cls [1, 1, D] and rest [1, 256, D], which is resized unless trained for this grid. */
function positionEmbedding(g: GraphBuilder, tensors: ModelTensors, config: Dinov2Config) {
  const { positions: N, width: D, grid } = config
  const table = g.weight(tensors.get('pos_embed', [1, 1 + N * N, D]))
  const cls = g.slice(table, 1, 0, 1)
  const trained = g.slice(table, 1, 1, 1 + N * N)
  if (N === grid.side) return { cls, rest: trained }
  const planes = g.transpose(g.reshape(trained, [1, N, N, D]), [0, 3, 1, 2]) // [1, D, N, N]
  const resized = bicubic(g, planes, grid.side, (grid.side + POSITION_OFFSET) / N) // [1, D, 16, 16]
  return { cls, rest: g.transpose(g.reshape(resized, [1, D, grid.cells]), [0, 2, 1]) }
}

/** torch's `interpolate(scale_factor=scale, mode='bicubic')` of [.., .., side, side]: half-pixel, a = -0.75, no antialias. */
function bicubic(g: GraphBuilder, x: Value, side: number, scale: number): Value {
  const [B, C, from] = x.shape as [number, number, number]
  if (Math.floor(Math.fround(from * Math.fround(scale))) !== side)
    throw new ModelError(
      `cannot scale position embeddings from ${from} to ${side} patches in single precision`,
    )
  const attributes = { mode: 'cubic', coordinate_transformation_mode: 'half_pixel', cubic_coeff_a: -0.75 }
  const scales = g.constant('f32', [1, 1, scale, scale])
  return g.nodes('Resize', [x, null, scales], attributes, [{ type: x.type, shape: [B, C, side, side] }])[0]!
}

/** x += ls1 attn(norm1(x)), then x += ls2 mlp(norm2(x)), on rows x [B*T, D]. */
function block(
  g: GraphBuilder,
  tensors: ModelTensors,
  { width: D, heads: H }: Dinov2Config,
  x: Value,
  T: number,
  name: string,
): Value {
  const linear = (x: Value, part: string, out: number) =>
    g.op(
      'Gemm',
      [
        x,
        g.weight(tensors.get(`${name}.${part}.weight`, [out, x.shape[1] as number])),
        g.weight(tensors.get(`${name}.${part}.bias`, [out])),
      ],
      { transB: 1 },
    )
  const scaled = (x: Value, part: string) =>
    g.op('Mul', [x, g.weight(tensors.get(`${name}.${part}.gamma`, [D]))])

  const qkv = linear(layerNorm(g, tensors, x, `${name}.norm1`), 'attn.qkv', 3 * D) // [B*T, 3D]
  const split = g.reshape(qkv, ['B', T, 3, H, HEAD])
  const part = (i: number, perm: number[]) =>
    g.transpose(g.reshape(g.slice(split, 2, i, i + 1), ['B', T, H, HEAD]), perm)
  const q = g.op('Mul', [part(0, [0, 2, 1, 3]), g.scalar(HEAD ** -0.5)]) // [B, H, T, 64]
  const weights = g.op('Softmax', [g.op('MatMul', [q, part(1, [0, 2, 3, 1])])], { axis: -1 }) // [B, H, T, T]
  const mixed = g.op('MatMul', [weights, part(2, [0, 2, 1, 3])]) // [B, H, T, 64]
  const joined = g.reshape(g.transpose(mixed, [0, 2, 1, 3]), ['B*T', D])
  x = g.op('Add', [x, scaled(linear(joined, 'attn.proj', D), 'ls1')])

  const normal = layerNorm(g, tensors, x, `${name}.norm2`)
  const mixture = tensors.has(`${name}.mlp.w12.weight`)
    ? swiglu(g, linear, normal, tensors.get(`${name}.mlp.w3.weight`).shape[1] ?? 0)
    : linear(g.op('Gelu', [linear(normal, 'mlp.fc1', 4 * D)]), 'mlp.fc2', D)
  return g.op('Add', [x, scaled(mixture, 'ls2')])
}

/** w3(silu(w1 x) * w2 x) of ViT-g; w12 holds both, w1 first (dinov2/layers/swiglu_ffn.py). */
function swiglu(
  g: GraphBuilder,
  linear: (x: Value, part: string, out: number) => Value,
  x: Value,
  hidden: number,
): Value {
  const both = linear(x, 'mlp.w12', 2 * hidden)
  const [gate, value] = [g.slice(both, 1, 0, hidden), g.slice(both, 1, hidden, 2 * hidden)]
  const gated = g.op('Mul', [g.op('Mul', [gate, g.op('Sigmoid', [gate])]), value])
  return linear(gated, 'mlp.w3', x.shape[1] as number)
}

function layerNorm(g: GraphBuilder, tensors: ModelTensors, x: Value, name: string): Value {
  const D = x.shape.at(-1) as number
  const [weight, bias] = ['weight', 'bias'].map((part) => g.weight(tensors.get(`${name}.${part}`, [D])))
  return g.op('LayerNormalization', [x, weight!, bias!], { axis: -1, epsilon: EPSILON })
}
