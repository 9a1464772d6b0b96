// Which integers a device multiplies: what 8-bit weights are.
import { GraphBuilder, graphToOnnx } from '../graph/index.ts'
import type { EightBits } from '../model-set/quantise.ts'
import { centredProduct, LARGEST } from '../models/integer-product.ts'
import { openSession, tensor, type Provider } from '../session/index.ts'

let exact: Promise<boolean> | undefined

/**
 * Blocks except on the processor, which multiplies integers. One without VNNI cuts off sums of two products of unsigned by
 * signed numbers at 16 bits, and is given unsigned weights: the same numbers, which take longer where both are exact.
 */
export async function eightBits(provider: Provider): Promise<EightBits> {
  if (provider !== 'cpu') return 'blocks'
  return (await (exact ??= largestSumIsExact())) ? 'signed' : 'unsigned'
}

async function largestSumIsExact(): Promise<boolean> {
  const K = 64
  const g = new GraphBuilder('largest_sum')
  const rows = g.cast(g.input('rows', 'f32', ['R', K]), 'u8')
  const weight = g.cast(g.constant('f32', new Float32Array(K).fill(LARGEST), [K, 1]), 'i8')
  g.output('y', centredProduct(g, rows, weight, g.constant('f32', [1])))
  const session = await openSession(graphToOnnx(g.build()), { provider: 'cpu' })
  try {
    const { y } = await session.run({ rows: tensor('f32', new Float32Array(K).fill(255), [1, K]) })
    return (y!.data as Float32Array)[0] === LARGEST * LARGEST * K
  } finally {
    await session.close()
  }
}
