// A VQGAN's tensors -> its encoder (pixels to codes) and decoder (codes to pixels). Source: pixel_generator/mage/taming
// of the DiGIT release (taming-transformers without attention and quant_conv), and its relatives (`vqgan-kinds.ts`).
// B = batch, R = resolution, C = channels, H = W = side of the current level, Z = z_channels, E = width of a code,
// N = codes of an image: of its grid, or of all its scales.
import type { Arithmetic, Graph, GraphBuilder, Value } from '../graph/index.ts'
import { nearest } from './nearest.ts'
import { cellsOf, scaleLayers, type CodeLayer } from './scale-sides.ts'
import { scaleCodes, scaleSum } from './scales.ts'
import type { ModelTensors } from './tensors.ts'
import type { VqganConfig } from './vqgan-config.ts'
import { codebook, contextOf, conv, groupNorm, swish, unit, type Context } from './vqgan-layers.ts'

/** Number of codes of an image. */
export const codesOf = ({ grid, scales }: VqganConfig): number => (scales ? cellsOf(scales) : grid.cells)

/** The token layers of an image, in the order of its codes. */
export const codeLayers = ({ grid, scales }: VqganConfig): readonly CodeLayer[] =>
  scales ? scaleLayers(scales) : [{ name: 'codes', cells: grid.cells }]

/** Decoding needs no encoder, so a file may have none. */
export const hasEncoder = ({ names }: ModelTensors): boolean =>
  names.some((name) => name.startsWith('encoder.'))

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
  if (config.scales) {
    const { scales } = config
    const { codes, distance } = g.inFloat32(() => scaleCodes(context, x, scales))
    g.output('codes', codes)
    g.output('distance', distance)
    return g.build()
  }
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
  const { ch, chMult, numResBlocks, zChannels: Z } = config
  const context = contextOf('vqgan_decoder', stored, config, arithmetic)
  const { g, variant } = context
  const codes = g.input('codes', 'i64', ['B', codesOf(config)])
  let x = config.scales ? scaleSum(context, codes, config.scales) : embedded(context, codes)
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

/** The vectors of a grid of codes: [B, E, side, side]. */
function embedded({ config, ...context }: Context, codes: Value): Value {
  const { g } = context
  const { side } = config.grid
  const z = g.op('Gather', [codebook({ config, ...context }), codes], { axis: 0 }) // [B, N, E]
  return g.reshape(g.transpose(z, [0, 2, 1]), ['B', config.codeWidth, side, side])
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

/** Nearest-neighbour upsampling to twice the size. */
function double(g: GraphBuilder, x: Value): Value {
  const [B, C, H, W] = x.shape as [string, number, number, number]
  const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
  const scales = g.constant('f32', [1, 1, 2, 2])
  return g.nodes('Resize', [x, null, scales], attributes, [{ type: x.type, shape: [B, C, 2 * H, 2 * W] }])[0]!
}
