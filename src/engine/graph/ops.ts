// One table row per ONNX operator: its domain, the kinds of its attributes, and its shape rule.
// Reference: https://onnx.ai/onnx/operators and ContribOperators.md of onnxruntime for `com.microsoft`.
import type { Attribute, Dim, ElementType, Graph, Value } from './graph.ts'

export type AttributeKind = 'int' | 'float' | 'string' | 'ints' | 'floats' | 'graph'
export type Attributes = Readonly<Record<string, Attribute>>
export interface Output {
  readonly type: ElementType
  readonly shape: readonly Dim[]
}
export interface Op {
  readonly domain?: 'com.microsoft'
  readonly attributes?: Readonly<Record<string, AttributeKind>>
  /** Types and shapes of the outputs. Throws an Error with the sizes that do not fit. */
  infer(inputs: readonly Value[], attributes: Attributes): readonly Output[]
}

const show = (shape: readonly Dim[]) => `[${shape.join(', ')}]`

/** The size of two joined axes. */
export function addDims(...dims: readonly Dim[]): Dim {
  const known = dims.reduce<number>((sum, dim) => sum + (typeof dim === 'number' ? dim : 0), 0)
  const named = dims.filter((dim) => typeof dim === 'string')
  return named.length === 0 ? known : [...named, ...(known > 0 ? [known] : [])].join('+')
}

function mergeDims(a: Dim, b: Dim): Dim {
  if (a === b || b === 1) return a
  if (a === 1) return b
  throw new Error(`sizes ${a} and ${b} do not match`)
}

function broadcastShapes(a: readonly Dim[], b: readonly Dim[]): Dim[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) =>
    mergeDims(a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1),
  )
}

const axisOf = (axis: Attribute | undefined, rank: number, otherwise: number): number => {
  const given = typeof axis === 'number' ? axis : otherwise
  return given < 0 ? given + rank : given
}

function sameType(inputs: readonly Value[]): ElementType {
  const [first] = inputs
  const other = inputs.find((input) => input.type !== first!.type)
  if (other) throw new Error(`mixed types ${first!.type} and ${other.type}`)
  return first!.type
}

const unary: Op['infer'] = ([x]) => [{ type: x!.type, shape: x!.shape }]
const broadcast: Op['infer'] = (inputs) => [
  {
    type: sameType(inputs),
    shape: inputs
      .map((input) => input.shape)
      .reduce(broadcastShapes as (a: readonly Dim[], b: readonly Dim[]) => readonly Dim[]),
  },
]
const compare: Op['infer'] = (inputs) => [{ ...broadcast(inputs, {})[0]!, type: 'bool' }]

const matMul: Op['infer'] = (inputs, attributes) => {
  const type = sameType(inputs.slice(0, 2))
  const swap = (shape: readonly Dim[], swapped: boolean) =>
    swapped ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape
  const a = swap(inputs[0]!.shape, attributes.transA === 1)
  const b = swap(inputs[1]!.shape, attributes.transB === 1)
  if (a.at(-1) !== b.at(-2)) throw new Error(`inner sizes of ${show(a)} and ${show(b)} differ`)
  return [{ type, shape: [...broadcastShapes(a.slice(0, -2), b.slice(0, -2)), a.at(-2)!, b.at(-1)!] }]
}

const gemm: Op['infer'] = (inputs, attributes) => {
  const [out] = matMul(inputs, attributes)
  if (inputs[2]) broadcastShapes(out!.shape, inputs[2].shape)
  return [out!]
}

/** Reductions and searches over given axes that keep the axis with size 1 when `keepdims` is not 0. */
const reduce =
  (type?: ElementType): Op['infer'] =>
  ([x], attributes) => {
    const rank = x!.shape.length
    const axes = (attributes.axes as number[] | undefined) ?? [axisOf(attributes.axis, rank, 0)]
    const reduced = new Set(axes.map((axis) => axisOf(axis, rank, 0)))
    const keep = attributes.keepdims !== 0
    const shape = x!.shape.flatMap((dim, i) => (reduced.has(i) ? (keep ? [1] : []) : [dim]))
    return [{ type: type ?? x!.type, shape }]
  }

const concat: Op['infer'] = (inputs, attributes) => {
  const [first] = inputs
  const axis = axisOf(attributes.axis, first!.shape.length, 0)
  const shape = first!.shape.map((dim, i) => {
    if (i === axis) return addDims(...inputs.map((input) => input.shape[i]!))
    const other = inputs.find((input) => input.shape[i] !== dim)
    if (other) throw new Error(`${show(first!.shape)} and ${show(other.shape)} differ outside axis ${axis}`)
    return dim
  })
  return [{ type: sameType(inputs), shape }]
}

const gather: Op['infer'] = ([data, indices], attributes) => {
  const axis = axisOf(attributes.axis, data!.shape.length, 0)
  return [
    {
      type: data!.type,
      shape: [...data!.shape.slice(0, axis), ...indices!.shape, ...data!.shape.slice(axis + 1)],
    },
  ]
}

/** Number of windows along each axis, padding included. */
function windows(space: readonly Dim[], kernel: readonly number[], attributes: Attributes): number[] {
  const strides = (attributes.strides as number[] | undefined) ?? kernel.map(() => 1)
  const pads = (attributes.pads as number[] | undefined) ?? kernel.flatMap(() => [0, 0])
  return space.map(
    (dim, i) =>
      Math.floor(((dim as number) + pads[i]! + pads[i + kernel.length]! - kernel[i]!) / strides[i]!) + 1,
  )
}

const conv: Op['infer'] = ([x, weight], attributes) => {
  const [batch, channels, ...space] = x!.shape
  const [out, perGroup, ...kernel] = weight!.shape as number[]
  if (channels !== perGroup)
    throw new Error(`the input has ${channels} channels, the kernel expects ${perGroup}`)
  return [{ type: sameType([x!, weight!]), shape: [batch!, out!, ...windows(space, kernel, attributes)] }]
}

/** MaxPool and AveragePool: each channel separately. */
const pool: Op['infer'] = ([x], attributes) => {
  const kernel = attributes.kernel_shape as number[]
  const [batch, channels, ...space] = x!.shape
  return [{ type: x!.type, shape: [batch!, channels!, ...windows(space, kernel, attributes)] }]
}

const globalPool: Op['infer'] = ([x]) => [
  { type: x!.type, shape: x!.shape.map((dim, i) => (i < 2 ? dim : 1)) },
]

const layerNormalization: Op['infer'] = ([x, scale]) => {
  if (scale!.shape.length !== 1 || scale!.shape[0] !== x!.shape.at(-1))
    throw new Error(`scale ${show(scale!.shape)} does not fit the last axis of ${show(x!.shape)}`)
  return [{ type: x!.type, shape: x!.shape }]
}

const transpose: Op['infer'] = ([x], attributes) => [
  { type: x!.type, shape: (attributes.perm as number[]).map((axis) => x!.shape[axis]!) },
]

const loop: Op['infer'] = (inputs, attributes) => {
  const body = attributes.body as Graph
  const state = inputs.length - 2
  return body.outputs
    .slice(1)
    .map((output, i) =>
      i < state
        ? { type: output.type, shape: output.shape }
        : { type: output.type, shape: ['iterations', ...output.shape] },
    )
}

/** The output shape is computed and passed by the builder's own method (Reshape, Slice, Resize, ...). */
const given: Op['infer'] = () => {
  throw new Error('the output shape of this operator must be given')
}

export const OPS: Readonly<Record<string, Op>> = {
  Abs: { infer: unary },
  Add: { infer: broadcast },
  ArgMin: { attributes: { axis: 'int', keepdims: 'int' }, infer: reduce('i64') },
  AveragePool: {
    attributes: { kernel_shape: 'ints', strides: 'ints', pads: 'ints', count_include_pad: 'int' },
    infer: pool,
  },
  BiasGelu: { domain: 'com.microsoft', infer: ([x]) => [x!] },
  BatchNormalization: { attributes: { epsilon: 'float' }, infer: unary },
  Cast: { attributes: { to: 'int' }, infer: given },
  Clip: { infer: unary },
  Concat: { attributes: { axis: 'int' }, infer: concat },
  Conv: { attributes: { kernel_shape: 'ints', strides: 'ints', pads: 'ints' }, infer: conv },
  CumSum: { attributes: { exclusive: 'int' }, infer: unary },
  Div: { infer: broadcast },
  Einsum: { attributes: { equation: 'string' }, infer: given },
  Exp: { infer: unary },
  Expand: { infer: given },
  Gather: { attributes: { axis: 'int' }, infer: gather },
  GatherElements: {
    attributes: { axis: 'int' },
    infer: ([x, indices]) => [{ type: x!.type, shape: indices!.shape }],
  },
  Gelu: { attributes: { approximate: 'string' }, infer: unary },
  Gemm: { attributes: { alpha: 'float', beta: 'float', transA: 'int', transB: 'int' }, infer: gemm },
  GlobalAveragePool: { infer: globalPool },
  GreaterOrEqual: { infer: compare },
  GroupQueryAttention: {
    domain: 'com.microsoft',
    attributes: { num_heads: 'int', kv_num_heads: 'int', scale: 'float' },
    infer: given,
  },
  Identity: { infer: unary },
  InstanceNormalization: { attributes: { epsilon: 'float' }, infer: unary },
  LayerNormalization: { attributes: { axis: 'int', epsilon: 'float' }, infer: layerNormalization },
  Less: { infer: compare },
  LessOrEqual: { infer: compare },
  Log: { infer: unary },
  LogSoftmax: { attributes: { axis: 'int' }, infer: unary },
  Loop: { attributes: { body: 'graph' }, infer: loop },
  MatMul: { infer: matMul },
  MatMulIntegerToFloat: { domain: 'com.microsoft', infer: given },
  MatMulNBits: {
    domain: 'com.microsoft',
    attributes: { K: 'int', N: 'int', bits: 'int', block_size: 'int', accuracy_level: 'int' },
    infer: ([x], attributes) => [
      { type: x!.type, shape: [...x!.shape.slice(0, -1), attributes.N as number] },
    ],
  },
  MaxPool: { attributes: { kernel_shape: 'ints', strides: 'ints', pads: 'ints' }, infer: pool },
  Max: { infer: broadcast },
  Min: { infer: broadcast },
  Mul: { infer: broadcast },
  Neg: { infer: unary },
  Range: { infer: given },
  ReduceMax: { attributes: { axes: 'ints', keepdims: 'int' }, infer: given },
  ReduceMean: { infer: given },
  ReduceSum: { attributes: { keepdims: 'int' }, infer: given },
  Relu: { infer: unary },
  Reshape: { infer: given },
  Round: { infer: unary },
  Resize: {
    attributes: {
      mode: 'string',
      coordinate_transformation_mode: 'string',
      cubic_coeff_a: 'float',
      nearest_mode: 'string',
    },
    infer: given,
  },
  Shape: { attributes: { start: 'int', end: 'int' }, infer: given },
  Sigmoid: { infer: unary },
  // onnxruntime's root mean square norm, which has no opset of its own.
  SimplifiedLayerNormalization: { attributes: { axis: 'int', epsilon: 'float' }, infer: layerNormalization },
  SkipLayerNormalization: {
    domain: 'com.microsoft',
    attributes: { epsilon: 'float' },
    infer: given,
  },
  Slice: { infer: given },
  Softmax: { attributes: { axis: 'int' }, infer: unary },
  Split: { attributes: { axis: 'int' }, infer: given },
  Sqrt: { infer: unary },
  Sub: { infer: broadcast },
  TopK: { attributes: { axis: 'int', largest: 'int', sorted: 'int' }, infer: given },
  Transpose: { attributes: { perm: 'ints' }, infer: transpose },
  Unsqueeze: { infer: given },
  Where: {
    infer: ([condition, a, b]) => [
      {
        type: sameType([a!, b!]),
        shape: broadcastShapes(condition!.shape, broadcastShapes(a!.shape, b!.shape)),
      },
    ],
  },
}
