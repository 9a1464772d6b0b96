// The parts of Inception-v3: a convolution with its normalisation, and the five kinds of blocks. Source: torchvision
// inception.py with torch-fidelity's changes (average pools that do not count padding).
import type { GraphBuilder, Value } from '../../graph/index.ts'
import type { ModelTensors } from '../tensors.ts'

const EPSILON = 1e-3

/** Where to add nodes and take weights from. */
export interface Context {
  readonly g: GraphBuilder
  readonly tensors: ModelTensors
}

/** [rows, columns] of a kernel and of its padding; the stride is the same for both axes. */
export interface Convolution {
  readonly name: string
  readonly channels: number
  readonly kernel?: readonly [number, number]
  readonly pad?: readonly [number, number]
  readonly stride?: number
}

/** Convolution without bias, batch normalisation by its running statistics, ReLU. */
export function conv({ g, tensors }: Context, x: Value, part: Convolution): Value {
  const { name, channels, kernel = [1, 1], pad = [0, 0], stride = 1 } = part
  const weight = g.weight(tensors.get(`${name}.conv.weight`, [channels, x.shape[1] as number, ...kernel]))
  const attributes = { kernel_shape: [...kernel], pads: [...pad, ...pad], strides: [stride, stride] }
  const statistics = ['weight', 'bias', 'running_mean', 'running_var'].map((field) =>
    g.weight(tensors.get(`${name}.bn.${field}`, [channels])),
  )
  const convolved = g.op('Conv', [x, weight], attributes)
  return g.op('Relu', [g.op('BatchNormalization', [convolved, ...statistics], { epsilon: EPSILON })])
}

/** Convolutions of one block, one after another. */
const chain = (context: Context, x: Value, block: string, parts: readonly Convolution[]): Value =>
  parts.reduce((x, part) => conv(context, x, { ...part, name: `${block}.${part.name}` }), x)

const ROW = { kernel: [1, 7], pad: [0, 3] } as const
const COLUMN = { kernel: [7, 1], pad: [3, 0] } as const
const SQUARE = { kernel: [3, 3], pad: [1, 1] } as const
const HALVE = { kernel: [3, 3], stride: 2 } as const

export function blockA(context: Context, x: Value, name: string, poolChannels: number): Value {
  const branch = (...parts: Convolution[]) => chain(context, x, name, parts)
  const pooled = averagePool(context.g, x)
  return context.g.concat(
    [
      branch({ name: 'branch1x1', channels: 64 }),
      branch(
        { name: 'branch5x5_1', channels: 48 },
        { name: 'branch5x5_2', channels: 64, kernel: [5, 5], pad: [2, 2] },
      ),
      branch(
        { name: 'branch3x3dbl_1', channels: 64 },
        { name: 'branch3x3dbl_2', channels: 96, ...SQUARE },
        { name: 'branch3x3dbl_3', channels: 96, ...SQUARE },
      ),
      chain(context, pooled, name, [{ name: 'branch_pool', channels: poolChannels }]),
    ],
    1,
  )
}

export function blockB(context: Context, x: Value, name: string): Value {
  const branch = (...parts: Convolution[]) => chain(context, x, name, parts)
  return context.g.concat(
    [
      branch({ name: 'branch3x3', channels: 384, ...HALVE }),
      branch(
        { name: 'branch3x3dbl_1', channels: 64 },
        { name: 'branch3x3dbl_2', channels: 96, ...SQUARE },
        { name: 'branch3x3dbl_3', channels: 96, ...HALVE },
      ),
      maxPool(context.g, x, 2, 0),
    ],
    1,
  )
}

/** Also returns its 1x1 branch, which sFID uses. */
export function blockC(
  context: Context,
  x: Value,
  name: string,
  channels: number,
): { x: Value; first: Value } {
  const branch = (...parts: Convolution[]) => chain(context, x, name, parts)
  const pooled = averagePool(context.g, x)
  const first = branch({ name: 'branch1x1', channels: 192 })
  const joined = context.g.concat(
    [
      first,
      branch(
        { name: 'branch7x7_1', channels },
        { name: 'branch7x7_2', channels, ...ROW },
        { name: 'branch7x7_3', channels: 192, ...COLUMN },
      ),
      branch(
        { name: 'branch7x7dbl_1', channels },
        { name: 'branch7x7dbl_2', channels, ...COLUMN },
        { name: 'branch7x7dbl_3', channels, ...ROW },
        { name: 'branch7x7dbl_4', channels, ...COLUMN },
        { name: 'branch7x7dbl_5', channels: 192, ...ROW },
      ),
      chain(context, pooled, name, [{ name: 'branch_pool', channels: 192 }]),
    ],
    1,
  )
  return { x: joined, first }
}

export function blockD(context: Context, x: Value, name: string): Value {
  const branch = (...parts: Convolution[]) => chain(context, x, name, parts)
  return context.g.concat(
    [
      branch({ name: 'branch3x3_1', channels: 192 }, { name: 'branch3x3_2', channels: 320, ...HALVE }),
      branch(
        { name: 'branch7x7x3_1', channels: 192 },
        { name: 'branch7x7x3_2', channels: 192, ...ROW },
        { name: 'branch7x7x3_3', channels: 192, ...COLUMN },
        { name: 'branch7x7x3_4', channels: 192, ...HALVE },
      ),
      maxPool(context.g, x, 2, 0),
    ],
    1,
  )
}

export function blockE(
  context: Context,
  x: Value,
  name: string,
  pool: (g: GraphBuilder, x: Value) => Value,
): Value {
  const branch = (...parts: Convolution[]) => chain(context, x, name, parts)
  const both = (x: Value, a: string, b: string) => [
    chain(context, x, name, [{ name: a, channels: 384, kernel: [1, 3], pad: [0, 1] }]),
    chain(context, x, name, [{ name: b, channels: 384, kernel: [3, 1], pad: [1, 0] }]),
  ]
  const three = branch({ name: 'branch3x3_1', channels: 384 })
  const double = branch(
    { name: 'branch3x3dbl_1', channels: 448 },
    { name: 'branch3x3dbl_2', channels: 384, ...SQUARE },
  )
  return context.g.concat(
    [
      branch({ name: 'branch1x1', channels: 320 }),
      ...both(three, 'branch3x3_2a', 'branch3x3_2b'),
      ...both(double, 'branch3x3dbl_3a', 'branch3x3dbl_3b'),
      chain(context, pool(context.g, x), name, [{ name: 'branch_pool', channels: 192 }]),
    ],
    1,
  )
}

export const maxPool = (g: GraphBuilder, x: Value, stride: number, pad: number) =>
  g.op('MaxPool', [x], {
    kernel_shape: [3, 3],
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
  })

/** 3 x 3 means that do not count padding, as in TensorFlow. */
export const averagePool = (g: GraphBuilder, x: Value) =>
  g.op('AveragePool', [x], { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] })
