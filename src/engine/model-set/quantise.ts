// Checkpoint weights -> 8-bit or 4-bit blocks for onnxruntime's MatMulNBits, written once to the cache.
// Format: ContribOperators.md, com.microsoft.MatMulNBits: B u8 [N, blocks, block * bits / 8], scales f32 [N * blocks].
import type { TensorView } from '../checkpoint/index.ts'
import { denseLinear, type Linear } from '../models/blocks.ts'
import { readFinite } from './finite-tensor.ts'
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
const VERSION = '2'
const HEAD = 'decoder.output_projection.weight'

/** The last product keeps 8 bits: nothing corrects its errors, and it has few weights. */
const bitsOf = (name: string, bits: 8 | 4) => (name === HEAD ? 8 : bits)

/**
 * y = x W^T + b with W in blocks of `bits`. Embeddings, positions, norms and biases stay as they are. The cache file is
 * named by the checkpoint's sha256, so that it is written once per checkpoint.
 */
export async function quantisedLinear(model: OpenTransformer, bits: 8 | 4): Promise<Linear> {
  const names = model.tensors.names.filter(
    (name) => isProduct(name) && model.tensors.get(name).shape[1]! % BLOCK === 0,
  )
  const cache = await cachedTensors(
    `int${bits}`,
    [model.file.sha256, model.file.prefix, String(bits), String(BLOCK), VERSION],
    names.flatMap((name) =>
      quantisedTensors(model.file.path, model.tensors.get(name), name, bitsOf(name, bits)),
    ),
  )
  const dense = denseLinear(model.tensors)
  const linear: Linear = (g, x, weight, bias) => {
    const packed = cache.get(`${weight}.blocks`)
    if (!packed) return dense(g, x, weight, bias)
    const [N, K] = model.tensors.get(weight).shape as [number, number]
    const scales = cache.get(`${weight}.scales`)!
    const y = g.op('MatMulNBits', [x, g.stored(packed), g.stored(scales)], {
      K,
      N,
      bits: bitsOf(weight, bits),
      block_size: BLOCK,
      accuracy_level: ACCURACY_LEVEL,
    })
    return bias === undefined ? y : g.op('Add', [y, g.weight(model.tensors.get(bias))])
  }
  // With AVX2, the product of 4-bit blocks processes rows in pairs, and adds the blocks of an unpaired row in another
  // order.
  return Object.assign(linear, { evenRows: bits === 4 })
}

const isProduct = (name: string) =>
  /^decoder\.layers\.\d+\..*(proj|fc\d)\.weight$/.test(name) || name === HEAD

/** Scales and blocks of a weight [N, K], computed together when the first is written. */
function quantisedTensors(file: string, view: TensorView, name: string, bits: 8 | 4): CachedTensor[] {
  const [N, K] = view.shape as [number, number]
  let made: ReturnType<typeof quantiseRows> | undefined
  return [
    {
      name: `${name}.scales`,
      dtype: 'F32',
      shape: [N * (K / BLOCK)],
      async bytes() {
        made = quantiseRows((await readFinite(view, file)) as Float32Array, bits)
        return new Uint8Array(made.scales.buffer)
      },
    },
    {
      name: `${name}.blocks`,
      dtype: 'U8',
      shape: [N, K / BLOCK, (BLOCK * bits) / 8],
      async bytes() {
        const { blocks } = made!
        made = undefined
        return blocks
      },
    },
  ]
}

/** Symmetric blocks: the value of largest magnitude maps to the end of the range, zero to the middle. */
export function quantiseRows(
  values: Float32Array,
  bits: 8 | 4,
): { scales: Float32Array; blocks: Uint8Array } {
  const middle = 2 ** (bits - 1)
  const perByte = 8 / bits
  const scales = new Float32Array(values.length / BLOCK)
  const blocks = new Uint8Array(values.length / perByte)
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
      blocks[Math.floor(i / perByte)]! |= level << (bits * (i % perByte))
    }
  }
  return { scales, blocks }
}
