// The layers that encoder, decoder and codebook of a VQGAN are made of. Source: as in `vqgan.ts`.
// B = batch, C = channels, H = W = side, E = width of a code, K = codes.
import { ModelError } from '../../shared/errors.ts'
import { GraphBuilder, type Arithmetic, type Dim, type Value } from '../graph/index.ts'
import type { ModelTensors } from './tensors.ts'
import type { VqganConfig } from './vqgan-config.ts'
import { VQGAN_KINDS, vqganTensors, type VqganVariant } from './vqgan-kinds.ts'

const EPSILON = 1e-6

/** Shared by all parts: where to add nodes and take weights from. */
export interface Context {
  readonly g: GraphBuilder
  readonly tensors: ModelTensors
  readonly config: VqganConfig
  readonly variant: VqganVariant
  /** Rows of ones by their length, up to 1 MB each, for `groupNorm`. */
  readonly ones: Map<number, Value>
}

export function contextOf(
  name: string,
  stored: ModelTensors,
  config: VqganConfig,
  arithmetic?: Arithmetic,
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
 * A convolution that keeps the size: padding 0 for kernel 1, 1 for kernel 3. `strided` takes every second place, with
 * padding only at the right and bottom.
 */
export function conv(
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
export function groupNorm({ g, tensors, config: { groups }, ones }: Context, x: Value, name: string): Value {
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

export const swish = (g: GraphBuilder, x: Value) => g.op('Mul', [x, g.op('Sigmoid', [x])])

/** The code vectors [K, E], at length 1 where they are compared so. */
export const codebook = (context: Context) => {
  const { g, tensors, config } = context
  const stored = tensors.get('quantize.embedding.weight', [config.codes, config.codeWidth])
  return g.inFloat32(() => unit(context, g.weight(stored)))
}

/** Rows at length 1 for a codebook of such rows, as in torch.nn.functional.normalize. */
export function unit({ g, variant }: Context, rows: Value): Value {
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
