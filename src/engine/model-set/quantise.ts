// Checkpoint weights -> 8-bit or 4-bit integers, written once to the cache: blocks for onnxruntime's MatMulNBits, or on the
// processor with 8 bits a scale for each output.
// Format: ContribOperators.md, com.microsoft.MatMulNBits: B u8 [N, blocks, block * bits / 8], scales f32 [N * blocks].
import type { TensorView } from '../checkpoint/index.ts'
import type { GraphBuilder, Value } from '../graph/index.ts'
import { denseLinear, type Linear } from '../models/blocks.ts'
import { integerProduct, integerWeight, unsigned } from '../models/integer-product.ts'
import { readFinite } from './finite-tensor.ts'
import type { OpenTransformer } from './open-models.ts'
import { cachedTensors, type CachedTensor } from './tensor-cache.ts'

/**
 * Numbers of weights that share a scale, the first that divides a row is taken. Small blocks cost time, large ones
 * accuracy: 4 bits in blocks of 128 are 1.5 times as fast as in blocks of 32.
 */
const BLOCKS = { 4: [128, 64, 32], 8: [32] } as const
/**
 * 4: the product runs on 8-bit integers, several times faster than with unpacked floats. Integer sums are exact and
 * blocks are added in a fixed order, so that the result of a row is the same in every batch (with 4 bits: in every
 * batch of an even number of rows). At other levels it is not.
 */
const ACCURACY_LEVEL = 4
const VERSION = '4'
const HEAD = 'decoder.output_projection.weight'

/**
 * 8-bit weights: in blocks, or as integers with a scale for each output. On the processor these are 1.5 to 2 times as fast
 * as blocks of 8 bits, and several times closer to float32 than blocks of 4.
 */
export type EightBits = 'blocks' | 'signed' | 'unsigned'
type Format = 4 | 8 | 'signed' | 'unsigned'

/** Undefined: no block divides a row, and the weight stays as it is. */
const blockOf = (bits: 4 | 8, K: number): number | undefined => BLOCKS[bits].find((block) => K % block === 0)

/**
 * y = x W^T + b with W in `bits`. Embeddings, positions, norms and biases stay as they are. The cache file is named by the
 * checkpoint's sha256, so that it is written once per checkpoint and kind of device.
 */
export async function quantisedLinear(
  model: OpenTransformer,
  bits: 8 | 4,
  /** As the device multiplies them. */
  eightBits: EightBits,
): Promise<Linear> {
  const eight = eightBits === 'blocks' ? 8 : eightBits
  // The last product keeps 8 bits: nothing corrects its errors, and it has few weights.
  const formatOf = (name: string): Format => (bits === 4 && name !== HEAD ? 4 : eight)
  const isQuantised = (name: string) => {
    const format = formatOf(name)
    return typeof format === 'string' || blockOf(format, model.tensors.get(name).shape[1]!) !== undefined
  }
  const names = model.tensors.names.filter((name) => isProduct(name) && isQuantised(name))
  const cache = await cachedTensors(
    `int${bits}-${eightBits}`,
    [model.file.sha256, model.file.prefix, String(bits), eightBits, VERSION],
    names.flatMap((name) => quantisedTensors(model.file.path, model.tensors.get(name), name, formatOf(name))),
  )
  const dense = denseLinear(model.tensors)
  const linear: Linear = (g, x, weight, bias) => {
    const packed = cache.get(`${weight}.integers`)
    if (!packed) return dense(g, x, weight, bias)
    const scales = g.stored(cache.get(`${weight}.scales`)!)
    const format = formatOf(weight)
    const y =
      typeof format === 'string'
        ? integerProduct(g, x, g.stored(packed), scales)
        : blockProduct(g, x, g.stored(packed), scales, model.tensors.get(weight), format)
    return bias === undefined ? y : g.op('Add', [y, g.weight(model.tensors.get(bias))])
  }
  // With AVX2, the product of 4-bit blocks processes rows in pairs, and adds the blocks of an unpaired row in another
  // order.
  return Object.assign(linear, { evenRows: bits === 4 })
}

function blockProduct(
  g: GraphBuilder,
  x: Value,
  blocks: Value,
  scales: Value,
  { shape }: TensorView,
  bits: 8 | 4,
): Value {
  const [N, K] = shape as [number, number]
  const attributes = { K, N, bits, block_size: blockOf(bits, K)!, accuracy_level: ACCURACY_LEVEL }
  return g.op('MatMulNBits', [x, blocks, scales], attributes)
}

const isProduct = (name: string) =>
  /^decoder\.layers\.\d+\..*(proj|fc\d)\.weight$/.test(name) || name === HEAD

/** Scales and integers of a weight [N, K], computed together when the first is written. */
function quantisedTensors(file: string, view: TensorView, name: string, format: Format): CachedTensor[] {
  const [N, K] = view.shape as [number, number]
  const block = typeof format === 'string' ? K : blockOf(format, K)!
  const quantise = (values: Float32Array) => {
    if (format === 4 || format === 8) return quantiseBlocks(values, format, block)
    const { scales, integers } = integerWeight(values, N, K)
    return { scales, integers: format === 'signed' ? integers : unsigned(integers) }
  }
  let made: ReturnType<typeof quantise> | undefined
  return [
    {
      name: `${name}.scales`,
      dtype: 'F32',
      shape: [N * (K / block)],
      async bytes() {
        made = quantise((await readFinite(view, file)) as Float32Array)
        return new Uint8Array(made.scales.buffer)
      },
    },
    {
      name: `${name}.integers`,
      dtype: format === 'signed' ? 'I8' : 'U8',
      shape: format === 4 || format === 8 ? [N, K / block, (block * format) / 8] : [K, N],
      async bytes() {
        const { integers } = made!
        made = undefined
        return new Uint8Array(integers.buffer)
      },
    },
  ]
}

/** Symmetric blocks: the value of largest magnitude maps to the end of the range, zero to the middle. */
export function quantiseBlocks(
  values: Float32Array,
  bits: 8 | 4,
  size: number,
): { scales: Float32Array; integers: Uint8Array } {
  const middle = 2 ** (bits - 1)
  const perByte = 8 / bits
  const scales = new Float32Array(values.length / size)
  const integers = new Uint8Array(values.length / perByte)
  for (let block = 0; block < scales.length; block++) {
    const from = block * size
    let extreme = 0
    for (let i = from; i < from + size; i++)
      if (Math.abs(values[i]!) > Math.abs(extreme)) extreme = values[i]!
    // The range has one more value below zero than above; the extreme gets that end.
    const scale = extreme / -middle
    scales[block] = scale
    for (let i = from; i < from + size; i++) {
      const level = scale === 0 ? middle : Math.min(2 * middle - 1, Math.round(values[i]! / scale) + middle)
      integers[Math.floor(i / perByte)]! |= level << (bits * (i % perByte))
    }
  }
  return { scales, integers }
}
