// Checkpoint weights -> 8-bit or 4-bit integers, written once to the cache: blocks for onnxruntime's MatMulNBits, or on the
// processor with 8 bits a scale for each output.
// Format: ContribOperators.md, com.microsoft.MatMulNBits: B u8 [N, blocks, block * bits / 8], scales f32 [N * blocks].
import type { TensorView } from '../checkpoint/index.ts'
import type { GraphBuilder, Value } from '../graph/index.ts'
import { denseLinear, type Linear } from '../models/blocks.ts'
import type { Provider } from '../session/index.ts'
import { readFinite } from './finite-tensor.ts'
import { integerProduct, integerWeight } from './integer-product.ts'
import type { OpenTransformer } from './open-models.ts'
import { cachedTensors, type CachedTensor } from './tensor-cache.ts'

/** Number of weights that share a scale. Small blocks cost time, large ones accuracy. */
const BLOCK = 32
/**
 * 4: the product runs on 8-bit integers, several times faster than with unpacked floats. Integer sums are exact and
 * blocks are added in a fixed order, so that the result of a row is the same in every batch (with 4 bits: in every
 * batch of an even number of rows). At other levels it is not.
 */
const ACCURACY_LEVEL = 4
const VERSION = '3'
const HEAD = 'decoder.output_projection.weight'

/**
 * Blocks of 4 or 8 bits, or whole rows of integers: on the processor these are some three times as fast as blocks of 8
 * bits, and several times closer to float32 than blocks of 4.
 */
type Format = 4 | 8 | 'integers'

/** The last product keeps 8 bits: nothing corrects its errors, and it has few weights. */
function formatOf(name: string, bits: 8 | 4, provider: Provider): Format {
  if (bits === 4 && name !== HEAD) return 4
  return provider === 'cpu' ? 'integers' : 8
}

/**
 * y = x W^T + b with W in `bits`. Embeddings, positions, norms and biases stay as they are. The cache file is named by the
 * checkpoint's sha256, so that it is written once per checkpoint and kind of device.
 */
export async function quantisedLinear(
  model: OpenTransformer,
  bits: 8 | 4,
  provider: Provider = 'cpu',
): Promise<Linear> {
  const format = (name: string) => formatOf(name, bits, provider)
  const names = model.tensors.names.filter(
    (name) =>
      isProduct(name) && (format(name) === 'integers' || model.tensors.get(name).shape[1]! % BLOCK === 0),
  )
  const cache = await cachedTensors(
    provider === 'cpu' ? `int${bits}` : `int${bits}-blocks`,
    [model.file.sha256, model.file.prefix, String(bits), String(format(HEAD)), String(BLOCK), VERSION],
    names.flatMap((name) => quantisedTensors(model.file.path, model.tensors.get(name), name, format(name))),
  )
  const dense = denseLinear(model.tensors)
  const linear: Linear = (g, x, weight, bias) => {
    const packed = cache.get(`${weight}.integers`)
    if (!packed) return dense(g, x, weight, bias)
    const scales = g.stored(cache.get(`${weight}.scales`)!)
    const kind = format(weight)
    const y =
      kind === 'integers'
        ? integerProduct(g, x, g.stored(packed), scales)
        : blockProduct(g, x, g.stored(packed), scales, model.tensors.get(weight), kind)
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
  const attributes = { K, N, bits, block_size: BLOCK, accuracy_level: ACCURACY_LEVEL }
  return g.op('MatMulNBits', [x, blocks, scales], attributes)
}

const isProduct = (name: string) =>
  /^decoder\.layers\.\d+\..*(proj|fc\d)\.weight$/.test(name) || name === HEAD

/** Scales and integers of a weight [N, K], computed together when the first is written. */
function quantisedTensors(file: string, view: TensorView, name: string, format: Format): CachedTensor[] {
  const [N, K] = view.shape as [number, number]
  let made: { scales: Float32Array; integers: Uint8Array } | undefined
  return [
    {
      name: `${name}.scales`,
      dtype: 'F32',
      shape: [format === 'integers' ? N : N * (K / BLOCK)],
      async bytes() {
        const values = (await readFinite(view, file)) as Float32Array
        made = format === 'integers' ? integerWeight(values, N, K) : quantiseBlocks(values, format)
        return new Uint8Array(made.scales.buffer)
      },
    },
    {
      name: `${name}.integers`,
      dtype: 'U8',
      shape: format === 'integers' ? [K, N] : [N, K / BLOCK, (BLOCK * format) / 8],
      async bytes() {
        const { integers } = made!
        made = undefined
        return integers
      },
    },
  ]
}

/** Symmetric blocks: the value of largest magnitude maps to the end of the range, zero to the middle. */
export function quantiseBlocks(
  values: Float32Array,
  bits: 8 | 4,
): { scales: Float32Array; integers: Uint8Array } {
  const middle = 2 ** (bits - 1)
  const perByte = 8 / bits
  const scales = new Float32Array(values.length / BLOCK)
  const integers = new Uint8Array(values.length / perByte)
  for (let block = 0; block < scales.length; block++) {
    const from = block * BLOCK
    let extreme = 0
    for (let i = from; i < from + BLOCK; i++)
      if (Math.abs(values[i]!) > Math.abs(extreme)) extreme = values[i]!
    // The range has one more value below zero than above; the extreme gets that end.
    const scale = extreme / -middle
    scales[block] = scale
    for (let i = from; i < from + BLOCK; i++) {
      const level = scale === 0 ? middle : Math.min(2 * middle - 1, Math.round(values[i]! / scale) + middle)
      integers[Math.floor(i / perByte)]! |= level << (bits * (i % perByte))
    }
  }
  return { scales, integers }
}
