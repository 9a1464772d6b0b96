// Builds a Graph node by node, checking every shape as it goes.
import {
  ELEMENT_BYTES,
  elementCount,
  type Attribute,
  type Dim,
  type ElementType,
  type Graph,
  type Initializer,
  type Node,
  type Value,
} from './graph.ts'
import { castFor, type Arithmetic } from './half.ts'
import { addDims, OPS, type Output } from './ops.ts'

/** A range of a file with a C-order tensor, as in a checkpoint's tensor view. */
export interface FileTensor {
  readonly name: string
  readonly dtype: ElementType
  readonly shape: readonly number[]
  readonly contiguous: boolean
  readonly path: string
  readonly offset: number
}

/** ONNX TensorProto.DataType numbers. */
export const ONNX_TYPE: Record<ElementType, number> = {
  f32: 1,
  u8: 2,
  i8: 3,
  i16: 5,
  i32: 6,
  i64: 7,
  bool: 9,
  f16: 10,
  f64: 11,
  bf16: 16,
}

/** Initializers and names shared by a graph and the Loop bodies inside it. */
interface Root {
  readonly initializers: Map<string, Initializer>
  readonly arithmetic: Arithmetic
  /** Constants in the graph itself: they take the type of what they are combined with. */
  readonly constants: Set<Value>
  count: number
  /** Above 0 inside `inFloat32`. */
  exact: number
}

export class GraphBuilder {
  readonly #root: Root
  readonly #inputs: Value[] = []
  readonly #outputs: Value[] = []
  readonly #nodes: Node[] = []
  readonly #isBody: boolean

  /** @param of of the numbers in a graph, or the graph around the body of a Loop. @default 'f32' */
  constructor(
    readonly name: string,
    of: GraphBuilder | Arithmetic = 'f32',
  ) {
    this.#isBody = typeof of !== 'string'
    this.#root =
      typeof of === 'string'
        ? { initializers: new Map(), arithmetic: of, constants: new Set(), count: 0, exact: 0 }
        : of.#root
  }

  /** Element type of activations: f16 in a graph of half precision. */
  get real(): 'f16' | 'f32' {
    return this.#root.arithmetic === 'f16' && this.#root.exact === 0 ? 'f16' : 'f32'
  }

  /** What `body` adds is computed in float32, also in a graph of half precision. */
  inFloat32<T>(body: () => T): T {
    this.#root.exact++
    try {
      return body()
    } finally {
      this.#root.exact--
    }
  }

  input(name: string, type: ElementType, shape: readonly Dim[]): Value {
    const value = { name, type, shape }
    this.#inputs.push(value)
    return value
  }

  /**
   * Makes a value an output. The result of a node of this graph is renamed in place: an Identity node would copy it,
   * which for the cache of a Loop costs as much as the attention itself. Half precision leaves the graph as float32,
   * unless `type` is its own.
   */
  output(name: string, given: Value, type: ElementType = given.type === 'f16' ? 'f32' : given.type): void {
    const value = given.type === type ? given : this.cast(given, type)
    const computedHere = this.#nodes.some((node) => node.outputs.includes(value))
    if (computedHere && !this.#outputs.includes(value)) {
      ;(value as { name: string }).name = name
      this.#outputs.push(value)
      return
    }
    const output = { ...value, name }
    this.#nodes.push({ op: 'Identity', inputs: [value], outputs: [output], attributes: {} })
    this.#outputs.push(output)
  }

  /** A tensor of a checkpoint, by reference, cast to the type of activations if necessary. */
  weight(tensor: FileTensor): Value {
    const stored = this.#fileTensor(tensor)
    const rounds = this.#root.arithmetic === 'f16 weights' && stored.type !== 'f16'
    const held = rounds ? this.cast(stored, 'f16') : stored
    return held.type === this.real ? held : this.cast(held, this.real)
  }

  /** A tensor of a checkpoint, by reference, in its own element type. */
  #fileTensor(tensor: FileTensor): Value {
    const known = this.#root.initializers.get(tensor.name)
    if (known) return known.value
    if (!tensor.contiguous) throw new Error(`${tensor.name}: not stored in C order`)
    const value: Value = { name: tensor.name, type: tensor.dtype, shape: tensor.shape }
    const length = elementCount(tensor.shape) * ELEMENT_BYTES[tensor.dtype]
    this.#root.initializers.set(tensor.name, {
      value,
      data: { kind: 'file', path: tensor.path, offset: tensor.offset, length },
    })
    return value
  }

  /** Like `weight` without the cast, for operators that take the stored type (quantised weights). */
  stored(tensor: FileTensor): Value {
    return this.#fileTensor(tensor)
  }

  constant(type: 'f32', values: readonly number[] | Float32Array, shape?: readonly number[]): Value
  constant(type: 'i64', values: readonly number[], shape?: readonly number[]): Value
  constant(type: 'bool', values: readonly number[], shape?: readonly number[]): Value
  constant(
    type: 'f32' | 'i64' | 'bool',
    values: readonly number[] | Float32Array,
    shape: readonly number[] = [values.length],
  ): Value {
    const array =
      type === 'f32'
        ? Float32Array.from(values)
        : type === 'bool'
          ? Uint8Array.from(values)
          : BigInt64Array.from(Array.from(values, BigInt))
    const bytes = new Uint8Array(array.buffer)
    const value: Value = { name: `const_${this.#root.count++}`, type, shape }
    this.#root.initializers.set(value.name, { value, data: { kind: 'inline', bytes } })
    this.#root.constants.add(value)
    return value
  }

  /** A float32 or int64 scalar. */
  scalar(value: number, type: 'f32' | 'i64' = 'f32'): Value {
    return type === 'f32' ? this.constant('f32', [value], []) : this.constant('i64', [value], [])
  }

  /** Adds a node and returns its outputs. `outputs` states types and shapes that the table cannot infer. */
  nodes(
    op: string,
    inputs: readonly (Value | null)[],
    attributes: Readonly<Record<string, Attribute>> = {},
    outputs?: readonly Output[],
  ): Value[] {
    const row = OPS[op]
    if (!row) throw new Error(`unknown operator ${op}`)
    const real =
      this.#root.arithmetic === 'f16'
        ? castFor(op, inputs, this.#root.constants, this.#root.exact > 0)
        : undefined
    if (real !== undefined)
      inputs = inputs.map((input) =>
        input && isReal(input) && input.type !== real ? this.cast(input, real) : input,
      )
    const present = inputs.filter((input) => input !== null)
    const results = (outputs ?? inferred(op, row.infer, present, attributes)).map((output) => ({
      ...output,
      ...(real !== undefined && isReal(output) ? { type: real } : {}),
      name: `${this.#isBody ? 'b' : 'v'}${this.#root.count++}`,
    }))
    this.#nodes.push({ op, inputs, outputs: results, attributes })
    return results
  }

  /** Adds a node with one output. */
  op(
    op: string,
    inputs: readonly (Value | null)[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    return this.nodes(op, inputs, attributes)[0]!
  }

  /** x in float32: unchanged unless the graph is of half precision. */
  asFloat32(x: Value): Value {
    return x.type === 'f16' ? this.cast(x, 'f32') : x
  }

  cast(x: Value, type: ElementType): Value {
    return this.nodes('Cast', [x], { to: ONNX_TYPE[type] }, [{ type, shape: x.shape }])[0]!
  }

  /**
   * Reshapes x. `shape` may have one size known only at run time, unless `shapeTensor` (int64) gives the sizes, which
   * `shape` then describes.
   */
  reshape(x: Value, shape: readonly Dim[], shapeTensor?: Value): Value {
    const named = shape.filter((dim) => typeof dim === 'string')
    if (!shapeTensor && named.length > 1)
      throw new Error(`reshape to [${shape.join(', ')}]: needs a shape tensor`)
    const target =
      shapeTensor ??
      this.constant(
        'i64',
        shape.map((dim) => (typeof dim === 'string' ? -1 : dim)),
      )
    return this.nodes('Reshape', [x, target], {}, [{ type: x.type, shape }])[0]!
  }

  /** x[start:end] along one axis; `end` may count from the end or be `Infinity`. */
  slice(x: Value, axis: number, start: number, end: number, size?: Dim): Value {
    const at = axis < 0 ? axis + x.shape.length : axis
    const dim = x.shape[at]!
    const stop = (known: number) => Math.min(end < 0 ? end + known : end, known)
    const length = size ?? (typeof dim === 'number' ? Math.max(0, stop(dim) - start) : undefined)
    if (length === undefined) throw new Error(`slice of ${dim}: needs an explicit size`)
    const bound = (value: number) => this.constant('i64', [Number.isFinite(value) ? value : 2 ** 31 - 1])
    const shape = x.shape.map((old, i) => (i === at ? length : old))
    return this.nodes('Slice', [x, bound(start), bound(end), bound(at)], {}, [{ type: x.type, shape }])[0]!
  }

  concat(values: readonly Value[], axis: number): Value {
    return this.op('Concat', values, { axis })
  }

  transpose(x: Value, perm: readonly number[]): Value {
    return this.op('Transpose', [x], { perm })
  }

  unsqueeze(x: Value, axis: number): Value {
    const shape = [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]
    return this.nodes('Unsqueeze', [x, this.constant('i64', [axis])], {}, [{ type: x.type, shape }])[0]!
  }

  /** Sum over one axis, kept with size 1 unless `keep` is false. */
  reduceSum(x: Value, axis: number, keep = true): Value {
    const at = axis < 0 ? axis + x.shape.length : axis
    const shape = x.shape.flatMap((dim, i) => (i === at ? (keep ? [1] : []) : [dim]))
    const axes = this.constant('i64', [at])
    return this.nodes('ReduceSum', [x, axes], { keepdims: keep ? 1 : 0 }, [{ type: x.type, shape }])[0]!
  }

  /** The k largest entries of the last axis, in descending order: [values, indices (int64)]. */
  topK(x: Value, k: Value, size: Dim): [Value, Value] {
    const shape = [...x.shape.slice(0, -1), size]
    const outputs: Output[] = [
      { type: x.type, shape },
      { type: 'i64', shape },
    ]
    return this.nodes('TopK', [x, k], { axis: -1 }, outputs) as [Value, Value]
  }

  /** Sizes `[start, end)` of x's shape as an int64 vector. */
  shapeOf(x: Value, start: number, end: number): Value {
    return this.nodes('Shape', [x], { start, end }, [{ type: 'i64', shape: [end - start] }])[0]!
  }

  /**
   * An ONNX Loop of `trips` iterations. The body gets its own builder, the iteration number and the carried
   * state, and returns the next state and the values to collect; the result is the last state and the
   * collected values stacked along a new first axis.
   */
  loop(
    trips: Value,
    state: readonly Value[],
    carried: readonly (readonly Dim[])[],
    body: (
      g: GraphBuilder,
      iteration: Value,
      state: Value[],
    ) => { state: readonly Value[]; collect: readonly Value[] },
  ): Value[] {
    const g = new GraphBuilder(`${this.name}_body`, this)
    const id = this.#root.count++
    const iteration = g.input(`iteration_${id}`, 'i64', [])
    const condition = g.input(`condition_${id}`, 'bool', [])
    const inputs = state.map((value, i) => g.input(`state_${id}_${i}`, value.type, carried[i]!))
    const { state: next, collect } = body(g, iteration, inputs)
    g.output(`continue_${id}`, condition)
    next.forEach((value, i) => g.output(`next_${id}_${i}`, value, state[i]!.type))
    collect.forEach((value, i) => g.output(`collect_${id}_${i}`, value))
    const always = this.constant('bool', [1], [])
    return this.nodes('Loop', [trips, always, ...state], { body: g.build() })
  }

  build(): Graph {
    return {
      name: this.name,
      inputs: this.#inputs,
      outputs: this.#outputs,
      initializers: this.#isBody ? [] : [...this.#root.initializers.values()],
      nodes: this.#nodes,
    }
  }
}

const isReal = ({ type }: Output): boolean => type === 'f32' || type === 'f16'

/** The table's rule, with the operator and its inputs named in the error. */
function inferred(
  op: string,
  infer: (typeof OPS)[string]['infer'],
  inputs: readonly Value[],
  attributes: Readonly<Record<string, Attribute>>,
): readonly Output[] {
  try {
    return infer(inputs, attributes)
  } catch (error) {
    const operands = inputs.map((input) => `${input.name} [${input.shape.join(', ')}]`).join(', ')
    throw new Error(`${op}(${operands}): ${(error as Error).message}`, { cause: error })
  }
}

export { addDims }
