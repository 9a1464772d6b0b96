// A VQGAN's tensors -> its encoder (pixels to codes) and decoder (codes to pixels). Source: pixel_generator/mage/taming
// of the DiGIT release (taming-transformers without attention and quant_conv), and its relatives (`vqgan-kinds.ts`).
// B = batch, R = resolution, C = channels, H = W = side of the current level, Z = z_channels, E = width of a code,
// N = codes of an image.
import { ModelError } from '../../shared/errors.ts'
import { GraphBuilder, type Arithmetic, type Dim, type Graph, type Value } from '../graph/index.ts'
import { nearest } from './nearest.ts'
import type { ModelTensors } from './tensors.ts'
import type { VqganConfig } from './vqgan-config.ts'
import { VQGAN_KINDS, vqganTensors, type VqganVariant } from './vqgan-kinds.ts'

const EPSILON = 1e-6

/** Shared by all parts: where to add nodes and take weights from. */
interface Context {
  readonly g: GraphBuilder
  readonly tensors: ModelTensors
  readonly config: VqganConfig
  readonly variant: VqganVariant
  /** Rows of ones by their length, up to 1 MB each, for `groupNorm`. */
  readonly ones: Map<number, Value>
}

function contextOf(
  name: string,
  stored: ModelTensors,
  config: VqganConfig,
  arithmetic: Arithmetic | undefined,
): Context {
  if (config.kind === 'mage') refuseAttention(stored)
  return {
    g: new GraphBuilder(name, arithmetic),
    tensors: vqganTensors(stored),
    config,
    variant: VQGAN_KINDS[config.kind],
    ones: new Map(),
  }
}

/**
 * Input `pixels` f32 [B, 3, R, R] in 0..1; outputs `codes` i64 [B, N] and `distance` f32 [B, N], squared, of vectors of
 * length 1 where the codes are.
 */
export function vqganEncoder(stored: ModelTensors, config: VqganConfig, arithmetic?: Arithmetic): Graph {
  const { resolution: R, chMult, numResBlocks, codeWidth: E } = config
  const context = contextOf('vqgan_encoder', stored, config, arithmetic)
  const { g, variant } = context
  const pixels = g.input('pixels', 'f32', ['B', 3, R, R])
  const [factor, offset] = variant.input
  const scaled =
    factor === 1 ? pixels : g.op('Add', [g.op('Mul', [pixels, g.scalar(factor)]), g.scalar(offset)])
  let x = conv(context, scaled, 'encoder.conv_in', config.ch, 3, { bias: variant.blockBias }) // [B, ch, R, R]
  for (const [level, factor] of chMult.entries()) {
    const name = `encoder.down.${level}`
    for (let i = 0; i < numResBlocks; i++) x = levelBlock(context, x, name, i, config.ch * factor)
    if (level < chMult.length - 1) x = half(context, x, name)
  }
  x = middle(context, x, 'encoder.mid') // [B, C, 16, 16]
  x = swish(g, groupNorm(context, x, 'encoder.norm_out'))
  x = conv(context, x, 'encoder.conv_out', config.zChannels, variant.outKernel) // [B, Z, 16, 16]
  if (variant.quantKernel > 0) x = conv(context, x, 'quant_conv', E, variant.quantKernel)
  const rows = g.reshape(g.transpose(x, [0, 2, 3, 1]), [`B*${config.grid.cells}`, E])
  const { index, distance } = g.inFloat32(() => nearest(g, unit(context, rows), codebook(context)))
  g.output('codes', g.reshape(index, ['B', config.grid.cells]))
  g.output('distance', g.reshape(distance, ['B', config.grid.cells]))
  return g.build()
}

/**
 * Input `codes` i64 [B, N]; outputs `pixels` f32 [B, 3, R, R], unclipped, `rgb` u8 [B, R, R, 3], the pixels as the
 * original writes them, clipped and truncated, and `row_sums` f32 [B, 3, R] of the pixels, not finite where a pixel is
 * not: as bytes it would be a color. The largest activation takes 4 ch R² bytes per image: 33.5 MB at 128 channels and
 * 256 pixels, so that 31 images stay under 1 GiB.
 */
export function vqganDecoder(stored: ModelTensors, config: VqganConfig, arithmetic?: Arithmetic): Graph {
  const { ch, chMult, numResBlocks, codeWidth: E, zChannels: Z } = config
  const context = contextOf('vqgan_decoder', stored, config, arithmetic)
  const { g, variant } = context
  const codes = g.input('codes', 'i64', ['B', config.grid.cells])
  const z = g.op('Gather', [codebook(context), codes], { axis: 0 }) // [B, N, E]
  let x = g.reshape(g.transpose(z, [0, 2, 1]), ['B', E, config.grid.side, config.grid.side])
  if (variant.quantKernel > 0) x = conv(context, x, 'post_quant_conv', Z, variant.quantKernel)
  x = conv(context, x, 'decoder.conv_in', ch * chMult.at(-1)!, 3) // [B, C, 16, 16]
  x = middle(context, x, 'decoder.mid')
  for (const [level, factor] of [...chMult.entries()].reverse()) {
    const name = `decoder.up.${level}`
    for (let i = 0; i < numResBlocks + variant.extraBlocks; i++)
      x = levelBlock(context, x, name, i, ch * factor)
    if (level > 0) x = conv(context, double(g, x), `${name}.upsample.conv`, ch * factor, 3)
  }
  x = swish(g, groupNorm(context, x, 'decoder.norm_out'))
  const pixels = g.asFloat32(conv(context, x, 'decoder.conv_out', 3, 3)) // [B, 3, R, R]
  g.output('pixels', pixels)
  const [factor, offset] = variant.bytes
  const product = g.op('Mul', [pixels, g.scalar(factor)])
  const shifted = offset === 0 ? product : g.op('Add', [product, g.scalar(offset)])
  const levels = g.op('Clip', [shifted, g.scalar(0), g.scalar(255)])
  g.output('rgb', g.transpose(g.cast(levels, 'u8'), [0, 2, 3, 1])) // [B, R, R, 3]
  g.output('row_sums', g.reduceSum(pixels, 3, false))
  return g.build()
}

/** A residual block of a level, and its attention where there is one. */
function levelBlock(context: Context, x: Value, level: string, i: number, channels: number): Value {
  const made = resnetBlock(context, x, `${level}.block.${i}`, channels)
  const attends = context.variant.attention && context.tensors.has(`${level}.attn.${i}.norm.weight`)
  return attends ? attentionBlock(context, made, `${level}.attn.${i}`) : made
}

/**
 * h = conv2(swish(norm2(conv1(swish(norm1(x)))))), then h + x. If the channel count changes, taming-transformers adds
 * nin_shortcut(x), MAGE nin_shortcut(h).
 */
function resnetBlock(context: Context, x: Value, name: string, channels: number): Value {
  const { g, variant } = context
  const bias = { bias: variant.blockBias }
  const before = swish(g, groupNorm(context, x, `${name}.norm1`))
  const between = swish(
    g,
    groupNorm(context, conv(context, before, `${name}.conv1`, channels, 3, bias), `${name}.norm2`),
  )
  const h = conv(context, between, `${name}.conv2`, channels, 3, bias) // [B, channels, H, W]
  const from = variant.shortcut === 'input' ? x : h
  const shortcut =
    x.shape[1] === channels ? x : conv(context, from, `${name}.nin_shortcut`, channels, 1, bias)
  return g.op('Add', [shortcut, h])
}

function middle(context: Context, x: Value, name: string): Value {
  const channels = x.shape[1] as number
  const first = resnetBlock(context, x, `${name}.block_1`, channels)
  const attended = context.variant.attention ? attentionBlock(context, first, `${name}.attn_1`) : first
  return resnetBlock(context, attended, `${name}.block_2`, channels)
}

/** x + proj(softmax(q^T k / sqrt(C)) v) with one head over all H W places; q, k and v are 1x1 convolutions. */
function attentionBlock(context: Context, x: Value, name: string): Value {
  const { g, tensors } = context
  const [B, C, H, W] = x.shape as [string, number, number, number]
  const normed = groupNorm(context, x, `${name}.norm`)
  const project = (part: string, channels: number) => conv(context, normed, `${name}.${part}`, channels, 1)
  const [q, k, v] = tensors.has(`${name}.qkv.weight`)
    ? split(g, project('qkv', 3 * C), C)
    : [project('q', C), project('k', C), project('v', C)]
  const flat = (value: Value) => g.reshape(value, [B, C, H * W])
  const scaled = g.op('Mul', [flat(q!), g.scalar(C ** -0.5)])
  const scores = g.op('MatMul', [g.transpose(scaled, [0, 2, 1]), flat(k!)]) // [B, query, key]
  const weights = g.op('Softmax', [scores], { axis: -1 })
  const mixed = g.op('MatMul', [flat(v!), g.transpose(weights, [0, 2, 1])]) // [B, C, H W]
  const out = conv(context, g.reshape(mixed, [B, C, H, W]), `${name}.proj_out`, C, 1)
  return g.op('Add', [x, out])
}

/** [B, 3 C, H, W] -> three times [B, C, H, W]. */
const split = (g: GraphBuilder, x: Value, C: number): Value[] =>
  [0, 1, 2].map((i) => g.slice(x, 1, i * C, (i + 1) * C))

/** To half the side, at the end of an encoder level. */
function half(context: Context, x: Value, level: string): Value {
  if (context.variant.down === 'average')
    return context.g.op('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] })
  return conv(context, x, `${level}.downsample.conv`, x.shape[1] as number, 3, { strided: true })
}

/**
 * A convolution that keeps the size: padding 0 for kernel 1, 1 for kernel 3. `strided` takes every second place, with
 * padding only at the right and bottom.
 */
function conv(
  { g, tensors }: Context,
  x: Value,
  name: string,
  channels: number,
  kernel: number,
  { bias = true, strided = false } = {},
): Value {
  const weight = g.weight(tensors.get(`${name}.weight`, [channels, x.shape[1] as number, kernel, kernel]))
  const inputs = bias ? [x, weight, g.weight(tensors.get(`${name}.bias`, [channels]))] : [x, weight]
  const pad = (kernel - 1) / 2
  const place = strided ? { strides: [2, 2], pads: [0, 0, 1, 1] } : { pads: [pad, pad, pad, pad] }
  return g.op('Conv', inputs, { kernel_shape: [kernel, kernel], ...place })
}

/**
 * Normalises each group of C/G neighbouring channels to mean 0 and variance 1, then scales and shifts each channel.
 * Implemented as a layer norm of one row per group, because onnxruntime spreads rows over the cores. Shares of a decode
 * at 256 pixels on 2 cores: convolutions 60 %, this norm 5 to 7 %, scale and shift 10 %, swish 5 %. Alternatives
 * measured: InstanceNormalization 8 to 10 %; ReduceMean and ReduceSumSquare 11 % and 7e-4 off in the pixels (E[x²] -
 * E[x]² cancels); scale and shift as a depthwise convolution is slower, as a BatchNormalization equal.
 */
function groupNorm({ g, tensors, config: { groups }, ones }: Context, x: Value, name: string): Value {
  const [B, C, H, W] = x.shape as [string, number, number, number]
  const size = (C / groups) * H * W
  const one = ones.get(size) ?? g.constant('f32', new Float32Array(size).fill(1))
  ones.set(size, one)
  const perChannel = (part: string) => g.reshape(g.weight(tensors.get(`${name}.${part}`, [C])), [C, 1, 1])
  const rows = g.reshape(x, [B, groups, size])
  const normal = g.op('LayerNormalization', [rows, one], { axis: -1, epsilon: EPSILON })
  const scaled = g.op('Mul', [g.reshape(normal, [B, C, H, W]), perChannel('weight')])
  return g.op('Add', [scaled, perChannel('bias')])
}

const swish = (g: GraphBuilder, x: Value) => g.op('Mul', [x, g.op('Sigmoid', [x])])

/** Nearest-neighbour upsampling to twice the size. */
function double(g: GraphBuilder, x: Value): Value {
  const [B, C, H, W] = x.shape as [string, number, number, number]
  const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
  const scales = g.constant('f32', [1, 1, 2, 2])
  return g.nodes('Resize', [x, null, scales], attributes, [{ type: x.type, shape: [B, C, 2 * H, 2 * W] }])[0]!
}

/** The code vectors [K, E], at length 1 where they are compared so. */
const codebook = (context: Context) => {
  const { g, tensors, config } = context
  const stored = tensors.get('quantize.embedding.weight', [config.codes, config.codeWidth])
  return g.inFloat32(() => unit(context, g.weight(stored)))
}

/** Rows at length 1 for a codebook of such rows, as in torch.nn.functional.normalize. */
function unit({ g, variant }: Context, rows: Value): Value {
  if (!variant.unitCodes) return rows
  const [N, E] = rows.shape as [Dim, number]
  // A product of a row and a column sums in the same order for every row of a batch, which ReduceSum does not.
  const squares = g.op('MatMul', [g.reshape(rows, [N, 1, E]), g.reshape(rows, [N, E, 1])]) // [N, 1, 1]
  const length = g.op('Max', [g.op('Sqrt', [g.reshape(squares, [N, 1])]), g.scalar(1e-12)])
  return g.op('Div', [rows, length])
}

/** The published VQGAN has no attention, whatever `attn_resolutions` in its yaml. */
function refuseAttention({ file, names }: ModelTensors): void {
  const found = names.find((name) => /\.attn(_\d+)?\./.test(name) && /^(encoder|decoder)\./.test(name))
  if (found)
    throw new ModelError(`${file}: ${found} belongs to an attention block that this VQGAN does not have`)
}
