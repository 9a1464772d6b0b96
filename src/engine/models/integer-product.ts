// A product of 8-bit integers for the processor: a scale for each output's weights, and one for each row of activations.
// A row's scale depends on that row alone and its zero point is constant, so that an image does not depend on its batch.
import type { GraphBuilder, Value } from '../graph/index.ts'

/** Weights [N, K] as integers round(w / scale) from -127 to 127, stored as [K, N], and the scale of each output. */
export interface IntegerWeight {
  readonly scales: Float32Array
  readonly integers: Int8Array
}

const MIDDLE = 128
/** Of a weight and of a row's numbers. */
export const LARGEST = 127
/** Of a row of zeros, which has a scale, too. */
const LEAST = 1e-37

export function integerWeight(values: Float32Array, N: number, K: number): IntegerWeight {
  const scales = new Float32Array(N)
  const integers = new Int8Array(N * K)
  for (let n = 0; n < N; n++) {
    const row = values.subarray(n * K, (n + 1) * K)
    const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const scale = Math.fround(Math.max(largest, LEAST) / LARGEST)
    scales[n] = scale
    for (let k = 0; k < K; k++) integers[k * N + n] = Math.round(row[k]! / scale)
  }
  return { scales, integers }
}

/** The same integers 128 higher, for a product of unsigned numbers. */
export const unsigned = (integers: Int8Array): Uint8Array =>
  Uint8Array.from(integers, (value) => value + MIDDLE)

/** Rows x f32 [R, K] times an integer weight i8 or u8 [K, N] with its scales f32 [N] -> f32 [R, N]. */
export function integerProduct(g: GraphBuilder, x: Value, weight: Value, scales: Value): Value {
  const R = x.shape[0]!
  const largest = g.nodes('ReduceMax', [g.op('Abs', [x]), g.constant('i64', [1])], { keepdims: 1 }, [
    { type: x.type, shape: [R, 1] },
  ])[0]!
  const scale = g.op('Mul', [g.op('Max', [largest, g.scalar(LEAST)]), g.scalar(1 / LARGEST)])
  const rounded = g.op('Round', [g.op('Div', [x, scale])])
  const rows = g.cast(g.op('Add', [rounded, g.scalar(MIDDLE)]), 'u8')
  return g.op('Mul', [centredProduct(g, rows, weight, scales), scale])
}

/** Rows u8 [R, K], of which 128 is zero, times the weight and its scales. */
export function centredProduct(g: GraphBuilder, rows: Value, weight: Value, scales: Value): Value {
  const middle = g.cast(g.scalar(MIDDLE), 'u8')
  const zeroPoints = weight.type === 'u8' ? [middle, middle] : [middle]
  const inputs = [rows, weight, g.scalar(1), scales, ...zeroPoints]
  return g.nodes('MatMulIntegerToFloat', inputs, {}, [
    { type: 'f32', shape: [rows.shape[0]!, weight.shape[1]!] },
  ])[0]!
}
