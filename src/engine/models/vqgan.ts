// A VQGAN's tensors -> its encoder (pixels to codes) and decoder (codes to pixels). Source: pixel_generator/mage/taming
// of the DiGIT release (taming-transformers without attention and quant_conv). B = batch, R = resolution, C = channels,
// H = W = side of the current level, Z = z_channels, G = groups.
import { ModelError } from '../../shared/errors.ts'
import { GraphBuilder, type Graph, type Value } from '../graph/index.ts'
import { nearest } from './nearest.ts'
import type { ModelTensors } from './tensors.ts'
import { type VqganConfig } from './vqgan-config.ts'

const EPSILON = 1e-6

/** Shared by all parts: where to add nodes and take weights from. */
interface Context {
  readonly g: GraphBuilder
  readonly tensors: ModelTensors
  readonly config: VqganConfig
  /** Rows of ones by their length, up to 1 MB each, for `groupNorm`. */
  readonly ones: Map<number, Value>
}

/** Input `pixels` f32 [B, 3, R, R] in 0..1; outputs `codes` i64 [B, 256] and `distance` f32 [B, 256], squared. */
export function vqganEncoder(tensors: ModelTensors, config: VqganConfig): Graph {
  const { resolution: R, chMult, numResBlocks, zChannels: Z } = config
  const context = { g: new GraphBuilder('vqgan_encoder'), tensors, config, ones: new Map<number, Value>() }
  const { g } = context
  refuseAttention(tensors)
  const pixels = g.input('pixels', 'f32', ['B', 3, R, R])
  let x = conv(context, pixels, 'encoder.conv_in', config.ch, 3, 'no bias') // [B, ch, R, R]
  for (const [level, factor] of chMult.entries()) {
    for (let i = 0; i < numResBlocks; i++)
      x = resnetBlock(context, x, `encoder.down.${level}.block.${i}`, config.ch * factor)
    if (level < chMult.length - 1) x = g.op('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] })
  }
  x = middle(context, x, 'encoder.mid') // [B, C, 16, 16]
  x = swish(g, groupNorm(context, x, 'encoder.norm_out'))
  x = conv(context, x, 'encoder.conv_out', Z, 1) // [B, Z, 16, 16]
  const rows = g.reshape(g.transpose(x, [0, 2, 3, 1]), [`B*${config.grid.cells}`, Z])
  const { index, distance } = nearest(g, rows, codebook(context))
  g.output('codes', g.reshape(index, ['B', config.grid.cells]))
  g.output('distance', g.reshape(distance, ['B', config.grid.cells]))
  return g.build()
}

/**
 * Input `codes` i64 [B, 256]; outputs `pixels` f32 [B, 3, R, R], unclipped, `rgb` u8 [B, R, R, 3], the pixels times
 * 255, clipped and truncated, and `row_sums` f32 [B, 3, R] of the pixels, not finite where a pixel is not: as bytes it
 * would be a color. The largest activation takes 4 ch R² bytes per image: 33.5 MB at 128 channels and 256
 * pixels, so that 31 images stay under 1 GiB.
 */
export function vqganDecoder(tensors: ModelTensors, config: VqganConfig): Graph {
  const { ch, chMult, numResBlocks, zChannels: Z } = config
  const context = { g: new GraphBuilder('vqgan_decoder'), tensors, config, ones: new Map<number, Value>() }
  const { g } = context
  refuseAttention(tensors)
  const codes = g.input('codes', 'i64', ['B', config.grid.cells])
  const z = g.op('Gather', [codebook(context), codes], { axis: 0 }) // [B, 256, Z]
  let x = g.reshape(g.transpose(z, [0, 2, 1]), ['B', Z, config.grid.side, config.grid.side])
  x = conv(context, x, 'decoder.conv_in', ch * chMult.at(-1)!, 3) // [B, C, 16, 16]
  x = middle(context, x, 'decoder.mid')
  for (const [level, factor] of [...chMult.entries()].reverse()) {
    for (let i = 0; i < numResBlocks; i++)
      x = resnetBlock(context, x, `decoder.up.${level}.block.${i}`, ch * factor)
    if (level > 0) x = conv(context, double(g, x), `decoder.up.${level}.upsample.conv`, ch * factor, 3)
  }
  x = swish(g, groupNorm(context, x, 'decoder.norm_out'))
  const pixels = conv(context, x, 'decoder.conv_out', 3, 3) // [B, 3, R, R]
  g.output('pixels', pixels)
  const levels = g.op('Clip', [g.op('Mul', [pixels, g.scalar(255)]), g.scalar(0), g.scalar(255)])
  g.output('rgb', g.transpose(g.cast(levels, 'u8'), [0, 2, 3, 1])) // [B, R, R, 3]
  g.output('row_sums', g.reduceSum(pixels, 3, false))
  return g.build()
}

/**
 * h = conv2(swish(norm2(conv1(swish(norm1(x)))))), then h + x. If the channel count changes, MAGE adds nin_shortcut(h),
 * not nin_shortcut(x) as taming-transformers does.
 */
function resnetBlock(context: Context, x: Value, name: string, channels: number): Value {
  const { g } = context
  const before = swish(g, groupNorm(context, x, `${name}.norm1`))
  const between = swish(
    g,
    groupNorm(context, conv(context, before, `${name}.conv1`, channels, 3, 'no bias'), `${name}.norm2`),
  )
  const h = conv(context, between, `${name}.conv2`, channels, 3, 'no bias') // [B, channels, H, W]
  const shortcut =
    x.shape[1] === channels ? x : conv(context, h, `${name}.nin_shortcut`, channels, 1, 'no bias')
  return g.op('Add', [shortcut, h])
}

function middle(context: Context, x: Value, name: string): Value {
  const channels = x.shape[1] as number
  return resnetBlock(
    context,
    resnetBlock(context, x, `${name}.block_1`, channels),
    `${name}.block_2`,
    channels,
  )
}

/** A convolution that keeps the size: padding 0 for kernel 1, 1 for kernel 3. */
function conv(
  { g, tensors }: Context,
  x: Value,
  name: string,
  channels: number,
  kernel: 1 | 3,
  bias: 'bias' | 'no bias' = 'bias',
): Value {
  const weight = g.weight(tensors.get(`${name}.weight`, [channels, x.shape[1] as number, kernel, kernel]))
  const inputs =
    bias === 'bias' ? [x, weight, g.weight(tensors.get(`${name}.bias`, [channels]))] : [x, weight]
  const pad = (kernel - 1) / 2
  return g.op('Conv', inputs, { kernel_shape: [kernel, kernel], pads: [pad, pad, pad, pad] })
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

const codebook = ({ g, tensors, config }: Context) =>
  g.weight(tensors.get('quantize.embedding.weight', [config.codes, config.zChannels]))

/** The published VQGAN has no attention, whatever `attn_resolutions` in its yaml. */
function refuseAttention({ file, names }: ModelTensors): void {
  const found = names.find((name) => /\.attn(_\d+)?\./.test(name) && /^(encoder|decoder)\./.test(name))
  if (found)
    throw new ModelError(`${file}: ${found} belongs to an attention block that this VQGAN does not have`)
}
