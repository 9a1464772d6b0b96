// A stack of transformer blocks, with what distinguishes the published ones as data: DiGIT's stages and the other
// generators are rows of these options.
// B = batch, T = positions in this pass, C = dim, H = heads, D = C / H. Rows are [B*T, C].
import type { Dim, GraphBuilder, Value } from '../graph/index.ts'
import { tiledProduct, type Product } from './product.ts'
import type { ModelTensors } from './tensors.ts'

/** y = x W^T + b for rows x [R, in] and a weight [out, in] as in PyTorch. */
export interface Linear {
  (g: GraphBuilder, x: Value, weight: string, bias: string | undefined): Value
  /** A row is bit-identical in every batch only if R is even. */
  readonly evenRows?: boolean
}

/** softmax(q k^T + mask) v over the visible positions; q, k, v and the result are [B, H, T, D]. */
export type Attend = (g: GraphBuilder, q: Value, k: Value, v: Value, layer: number) => Value

/** `layer`: LayerNorm with weight and bias. `plain`: without either. `rms`: by the root mean square, with weight. */
type NormKind = 'layer' | 'plain' | 'rms'

/** What an AdaLN adds to (shift), multiplies (scale) and weighs (gate): 1 around the attention, 2 around the MLP. */
export type Chunk = 'shift1' | 'scale1' | 'gate1' | 'shift2' | 'scale2' | 'gate2'

/** A linear layer by the names of its tensors. */
export interface Layer {
  readonly weight: string
  readonly bias?: string
}

/** The tensors of one block. */
export interface BlockNames {
  /** Prefixes of the norms' weight and bias; not read if they are plain. */
  readonly norm1: string
  readonly norm2: string
  /** One layer for queries, keys and values in this order, or one for each. */
  readonly qkv: Layer | readonly [q: Layer, k: Layer, v: Layer]
  /** Biases of the queries and values of one layer that has none itself (VAR). */
  readonly qvBias?: readonly [q: string, v: string]
  readonly out: Layer
  /** Into and out of the hidden width; SwiGLU has a third, whose SiLU weighs the first. */
  readonly mlp: readonly [into: Layer, out: Layer, gate?: Layer]
  /** LayerNorms of each head's queries and keys: prefixes. */
  readonly qkNorm?: readonly [q: string, k: string]
  /** Log of each head's scale [1, H, 1, 1], for queries and keys of length 1 (VAR). */
  readonly qkScale?: string
  /** The AdaLN, without its SiLU. */
  readonly modulation?: Layer
}

export interface Stack {
  readonly dim: number
  readonly heads: number
  readonly layers: number
  readonly norm: NormKind
  readonly epsilon: number
  /** LayerNorm before each block, or after each. */
  readonly place: 'before' | 'after'
  readonly activation: 'gelu' | 'gelu-tanh' | 'swiglu'
  /** Order of the chunks of the AdaLN. */
  readonly chunks?: readonly Chunk[]
  names(layer: number): BlockNames
}

/** A pass: the batch and positions of its rows. */
export interface Pass {
  readonly B: Dim
  readonly T: Dim
  /** [B, T] as an int64 vector. */
  readonly shape: Value
  readonly attend: Attend
  /** SiLU of the condition of an AdaLN, as rows for its linear layer. */
  readonly condition?: Value
  /** Chunks of those rows -> as many as x has, if they are fewer: one an image. @default as they are */
  readonly spread?: (chunk: Value) => Value
  /** Rotates queries and keys [B, H, T, D] by their positions. */
  readonly rotate?: (x: Value) => Value
  /** Receives the rows after each layer. */
  readonly onLayer?: (x: Value) => void
}

/** Largest log of a head's scale: VAR's `max_scale_mul`. */
const MAX_LOG_SCALE = Math.log(100)

/** The float32 product with the checkpoint's own weights. */
export const denseLinear =
  (tensors: ModelTensors, product: Product = tiledProduct): Linear =>
  (g, x, weight, bias) =>
    product(g, x, g.weight(tensors.get(weight)), bias === undefined ? undefined : g.weight(tensors.get(bias)))

/** x [B*T, C] through every block, without a norm after the last. */
export function blocks(
  g: GraphBuilder,
  tensors: ModelTensors,
  stack: Stack,
  x: Value,
  pass: Pass,
  linear: Linear = denseLinear(tensors),
): Value {
  const headShape = g.concat([pass.shape, g.constant('i64', [stack.heads, stack.dim / stack.heads])], 0)
  for (let i = 0; i < stack.layers; i++) {
    const names = stack.names(i)
    const norm = (x: Value, name: string) => normOf(g, tensors, stack, x, name)
    const chunk = modulation(g, stack, names, pass, linear)
    const before = stack.place === 'before'
    const shifted = (x: Value, scale: Chunk, shift: Chunk) =>
      chunk ? modulate(g, x, chunk(scale), chunk(shift)) : x
    const weighed = (x: Value, gate: Chunk) => (chunk ? g.op('Mul', [x, chunk(gate)]) : x)

    const a = before ? shifted(norm(x, names.norm1), 'scale1', 'shift1') : x
    const mixed = selfAttention(g, tensors, stack, names, a, i, headShape, pass, linear)
    x = g.op('Add', [x, weighed(mixed, 'gate1')])
    if (!before) x = norm(x, names.norm1)

    const f = before ? shifted(norm(x, names.norm2), 'scale2', 'shift2') : x
    x = g.op('Add', [x, weighed(mlp(g, stack, names, f, linear), 'gate2')])
    if (!before) x = norm(x, names.norm2)
    pass.onLayer?.(x)
  }
  return x
}

/** The self-attention of a block: rows -> rows. */
function selfAttention(
  g: GraphBuilder,
  tensors: ModelTensors,
  stack: Stack,
  names: BlockNames,
  x: Value,
  layer: number,
  /** [B, T, H, D] */
  headShape: Value,
  { B, T, attend, rotate }: Pass,
  linear: Linear,
): Value {
  const { dim, heads } = stack
  const D = dim / heads
  const split = (x: Value) => g.transpose(g.reshape(x, [B, T, heads, D], headShape), [0, 2, 1, 3]) // [B, H, T, D]
  const project = ({ weight, bias }: Layer) => linear(g, x, weight, bias)
  const { qkNorm, qkScale } = names
  const shrink = (q: Value) => (qkScale ? q : g.op('Mul', [q, g.scalar(D ** -0.5)]))
  let [q, k, v] =
    'weight' in names.qkv ? fused(g, tensors, names, project(names.qkv), dim) : names.qkv.map(project)
  if (!qkNorm && !rotate) q = shrink(q!)
  ;[q, k, v] = [split(q!), split(k!), split(v!)]
  if (qkNorm) {
    q = layerNorm(g, tensors, q, qkNorm[0], stack.epsilon)
    k = layerNorm(g, tensors, k, qkNorm[1], stack.epsilon)
  }
  if (qkScale) {
    const log = g.op('Min', [g.weight(tensors.get(qkScale, [1, heads, 1, 1])), g.scalar(MAX_LOG_SCALE)])
    q = g.op('Mul', [unitRows(g, q), g.op('Exp', [log])])
    k = unitRows(g, k)
  }
  if (rotate) [q, k] = [rotate(q), rotate(k)]
  if (qkNorm || rotate) q = shrink(q)
  const joined = g.reshape(g.transpose(attend(g, q, k, v, layer), [0, 2, 1, 3]), ['B*T', dim])
  return linear(g, joined, names.out.weight, names.out.bias)
}

/** Rows of queries, keys and values from those of one layer [R, 3 C]. */
function fused(
  g: GraphBuilder,
  tensors: ModelTensors,
  { qvBias }: BlockNames,
  x: Value,
  dim: number,
): Value[] {
  const parts = [0, 1, 2].map((i) => g.slice(x, 1, i * dim, (i + 1) * dim))
  if (!qvBias) return parts
  const biased = (x: Value, name: string) => g.op('Add', [x, g.weight(tensors.get(name, [dim]))])
  return [biased(parts[0]!, qvBias[0]), parts[1]!, biased(parts[2]!, qvBias[1])]
}

function mlp(g: GraphBuilder, { activation }: Stack, { mlp }: BlockNames, x: Value, linear: Linear): Value {
  const [into, out, gate] = mlp
  const project = (x: Value, { weight, bias }: Layer) => linear(g, x, weight, bias)
  if (activation === 'swiglu')
    return project(g.op('Mul', [silu(g, project(x, gate!)), project(x, into)]), out)
  const hidden = g.op('Gelu', [project(x, into)], activation === 'gelu-tanh' ? { approximate: 'tanh' } : {})
  return project(hidden, out)
}

/** The chunks of a block's AdaLN, or undefined if it has none. */
function modulation(
  g: GraphBuilder,
  { chunks = [], dim }: Stack,
  { modulation }: BlockNames,
  { condition, spread = (chunk) => chunk }: Pass,
  linear: Linear,
): ((chunk: Chunk) => Value) | undefined {
  if (!modulation) return undefined
  const rows = linear(g, condition!, modulation.weight, modulation.bias) // [.., 6 C]
  return (chunk) => {
    const at = chunks.indexOf(chunk)
    return spread(g.slice(rows, 1, at * dim, (at + 1) * dim))
  }
}

/** x (1 + scale) + shift */
export const modulate = (g: GraphBuilder, x: Value, scale: Value, shift: Value): Value =>
  g.op('Add', [g.op('Mul', [x, g.op('Add', [scale, g.scalar(1)])]), shift])

export const silu = (g: GraphBuilder, x: Value): Value => g.op('Mul', [x, g.op('Sigmoid', [x])])

/** The norm of a stack's kind over the last axis. */
export function normOf(
  g: GraphBuilder,
  tensors: ModelTensors,
  { norm, epsilon, dim }: Pick<Stack, 'norm' | 'epsilon' | 'dim'>,
  x: Value,
  name: string,
): Value {
  if (norm === 'layer') return layerNorm(g, tensors, x, name, epsilon)
  if (norm === 'plain') return plainNorm(g, x, dim, epsilon)
  return rms(g, x, g.weight(tensors.get(`${name}.weight`, [dim])), epsilon)
}

/** LayerNorm over the last axis with the weights of this name. */
export const layerNorm = (
  g: GraphBuilder,
  tensors: ModelTensors,
  x: Value,
  name: string,
  epsilon = 1e-5,
): Value =>
  g.op(
    'LayerNormalization',
    [x, g.weight(tensors.get(`${name}.weight`)), g.weight(tensors.get(`${name}.bias`))],
    { axis: -1, epsilon },
  )

/** LayerNorm over the last axis without weights. */
export const plainNorm = (g: GraphBuilder, x: Value, dim: number, epsilon: number): Value =>
  g.op('LayerNormalization', [x, g.constant('f32', new Float32Array(dim).fill(1))], { axis: -1, epsilon })

const rms = (g: GraphBuilder, x: Value, weight: Value, epsilon: number): Value =>
  g.op('SimplifiedLayerNormalization', [x, weight], { axis: -1, epsilon })

/** x / |x| over the last axis: its root mean square norm, over sqrt(D). */
function unitRows(g: GraphBuilder, x: Value): Value {
  const D = x.shape.at(-1) as number
  return rms(g, x, g.constant('f32', new Float32Array(D).fill(D ** -0.5)), 1e-12)
}
