// Which operators of a graph of half precision compute in float16, and which in float32: the rules of torch.autocast, with
// float16 between the layers as in fairseq's --fp16.
import type { ElementType, Value } from './graph.ts'

/**
 * `f32`. `f16`: weights, activations and products in float16; norms, softmax and draws in float32 (of a norm, the
 * statistics are: the kernels of all providers sum in float32). `f16 weights`: weights rounded to float16, arithmetic in
 * float32, for a processor, which has no products of float16.
 */
export type Arithmetic = 'f32' | 'f16' | 'f16 weights'

/** Always in float16: what a card has fast units for. */
const HALF = new Set(['Conv', 'Gemm', 'GroupQueryAttention', 'MatMul'])

/** Always in float32: sums over many values, exponentials, comparisons, and 8-bit products, whose scales are float32. */
const SINGLE = new Set(
  [
    ['ArgMin', 'CumSum', 'ReduceMax', 'ReduceMean', 'ReduceSum', 'TopK'],
    ['Exp', 'Log', 'LogSoftmax', 'Softmax', 'Sqrt', 'BatchNormalization', 'InstanceNormalization'],
    ['GatherElements', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'MatMulNBits'],
  ].flat(),
)

/** Their types are their own. */
const FREE = new Set(['Cast', 'Loop', 'Range', 'Resize', 'Shape'])

/**
 * The type that the real numbers of an operator have in a graph of half precision; undefined for one that has none. Other
 * operators follow their inputs: float32 if one of them is, constants aside.
 */
export function castFor(
  op: string,
  inputs: readonly (Value | null)[],
  constants: ReadonlySet<Value>,
  exact: boolean,
): (ElementType & ('f16' | 'f32')) | undefined {
  const reals = inputs.filter((input) => input?.type === 'f32' || input?.type === 'f16') as Value[]
  if (FREE.has(op) || reals.length === 0) return undefined
  if (exact || SINGLE.has(op)) return 'f32'
  if (HALF.has(op)) return 'f16'
  const given = reals.filter((input) => !constants.has(input))
  return given.length > 0 && given.every(({ type }) => type === 'f16') ? 'f16' : 'f32'
}
