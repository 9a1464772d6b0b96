// The precision of a run's networks on a device, and the test that a GPU passes before `auto` means float16 on it.
import { GraphBuilder, graphToOnnx, type Arithmetic } from '../graph/index.ts'
import { openSession, tensor, type Provider } from '../session/index.ts'
import { RequestError } from '../../shared/errors.ts'
import { unusualPrecision, type AskedBits, type WeightBits } from '../../shared/run/precision.ts'

/**
 * The numbers of the graphs. A processor computes in float32 also with 16 bits, on weights rounded to float16: it has no
 * products of float16, and casts around each would take longer than float32. Quantised weights are those of the
 * transformers; other networks are float32 beside them.
 */
export function arithmeticOf(weightBits: WeightBits, provider: Provider): Arithmetic {
  if (weightBits !== 16) return 'f32'
  return provider === 'cpu' ? 'f16 weights' : 'f16'
}

/** Throws RequestError for a precision that the networks of other generators than DiGIT do not have. */
export function onlyFloat32(asked: AskedBits, title: string): void {
  const [precision] = unusualPrecision(asked)
  if (precision)
    throw new RequestError(`precision: ${precision} is not available for ${title} (expected fp32)`)
}

const agreeing = new Map<Provider, Promise<boolean>>()

/** The bits of `auto`: 16 on a GPU whose float16 agrees with the processor's float32, else 32. */
export async function chooseBits(asked: AskedBits, provider: Provider): Promise<WeightBits> {
  if (asked !== 'auto') return asked
  if (provider === 'cpu') return 32
  const agrees = agreeing.get(provider) ?? halfAgrees(provider)
  agreeing.set(provider, agrees)
  return (await agrees) ? 16 : 32
}

const WIDTH = 256
const ROWS = 32
/** Of the largest value: a few times the rounding of float16 (2^-11) through two layers. */
const TOLERANCE = 1 / 200

/** Whether a small block of attention and MLP gives the same in float16 on this device as in float32 on the processor. */
export async function halfAgrees(provider: Provider): Promise<boolean> {
  try {
    const [half, full] = [await testBlock('f16', provider), await testBlock('f32', 'cpu')]
    const largest = full.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    return half.every((value, i) => Math.abs(value - full[i]!) <= TOLERANCE * largest)
  } catch {
    return false
  }
}

async function testBlock(arithmetic: Arithmetic, provider: Provider): Promise<Float32Array> {
  const session = await openSession(graphToOnnx(testGraph(arithmetic)), { provider })
  try {
    const { y } = await session.run({ x: tensor('f32', waves(ROWS * WIDTH), [ROWS, WIDTH]) })
    return y!.data as Float32Array
  } finally {
    await session.close()
  }
}

function testGraph(arithmetic: Arithmetic) {
  const g = new GraphBuilder('half_test', arithmetic)
  const weight = (rows: number, columns: number, seed: number) =>
    g.constant('f32', waves(rows * columns, seed, columns ** -0.5), [rows, columns])
  const ones = g.constant('f32', new Float32Array(WIDTH).fill(1))
  const product = (x: ReturnType<typeof weight>, rows: number, seed: number) =>
    g.op('Gemm', [x, weight(rows, x.shape[1] as number, seed)], { transB: 1 })
  const x = g.input('x', 'f32', [ROWS, WIDTH])
  const first = product(x, WIDTH, 1)
  const normal = g.op('LayerNormalization', [first, ones, g.constant('f32', new Float32Array(WIDTH))], {
    axis: -1,
    epsilon: 1e-5,
  })
  const [q, k, v] = [2, 3, 4].map((seed) => product(normal, WIDTH, seed))
  const scores = g.op('Mul', [g.op('MatMul', [q!, g.transpose(k!, [1, 0])]), g.scalar(WIDTH ** -0.5)])
  const mixed = g.op('MatMul', [g.op('Softmax', [scores], { axis: -1 }), v!])
  const hidden = g.op('Gelu', [product(g.op('Add', [first, mixed]), 2 * WIDTH, 5)])
  g.output('y', g.op('Add', [first, product(hidden, WIDTH, 6)]))
  return g.build()
}

/** Values between -1 and 1 without a pattern that a product would cancel. */
const waves = (count: number, seed = 0, scale = 1) =>
  Float32Array.from(
    { length: count },
    (_, i) => scale * Math.sin(12.9898 * (i + 1) + 78.233 * seed + (i * i) / 7),
  )
