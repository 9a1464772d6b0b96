// One decoding step for a GPU whose tensors stay there (WebGPU): the cache, the drawn tokens and their record do, and no
// node but those of shapes runs on the processor. Fused operators of onnxruntime keep the kernels of a layer few.
// B = batch, T = positions in this pass, P = positions of the cache, of which some may be free, C = dim, H = heads,
// D = C / H, V = dictionary, R = rows of the record.
import { GraphBuilder, type Arithmetic, type Graph, type Value } from '../graph/index.ts'
import { cacheInputs, cacheNames } from './attention.ts'
import { denseLinear, layerNorm } from './blocks.ts'
import { drawOnDevice } from './device-sampling.ts'
import { tiledProduct, type Product } from './product.ts'
import { samplingInputs } from './sampling.ts'
import { checkTransformerTensors, embedAt, positionTable } from './transformer.ts'
import type { TransformerModel } from './transformer-graphs.ts'
import { SPECIALS } from './transformer-config.ts'

/** Draws that the record holds, so that a whole row of the grid is read back at once. */
export const RECORD_ROWS = 16

/**
 * Inputs: `ids` i64 [B, T], their `positions` i64 [T], `total` i32 [1] positions after this pass, `last` i32 [B] = total
 * - 1, the cache `past_*` [B, H, P, D], `uniforms` f32 [B], `pinned` f32 [B] with pinned tokens and -1 elsewhere, `slot`
 * f32 [], the `record` f32 [R, B, 4] and the sampling inputs. Outputs: `next_ids` i64 [B, 1], `present_*` of the size of
 * the past, or of `total` positions if that is more, and `next_record`, whose row `slot` has token, log-probability, rank
 * and entropy of this draw.
 */
export function deviceStepGraph(model: TransformerModel, product: Product = tiledProduct): Graph {
  const { tensors, config } = model
  checkTransformerTensors(tensors, config)
  const { dim } = config
  const g = new GraphBuilder(`${config.kind}_device_step`, model.arithmetic)
  const ids = g.input('ids', 'i64', ['B', 'T'])
  const shape = g.concat([g.shapeOf(ids, 0, 2), g.constant('i64', [-1])], 0)
  const sequence = (rows: Value) => g.reshape(rows, ['B', 'T', rows.shape[1]!], shape)

  // The positions come from outside, since a Range runs on the processor.
  const places = g.input('positions', 'i64', ['T'])
  const positions = g.op('Gather', [positionTable(g, tensors, config), places], { axis: 0 })
  const embedded = embedAt(g, tensors, config, ids, positions)
  const { x, present } = layersOnDevice(g, model, product, embedded, sequence)
  const last = g.reshape(g.slice(sequence(x), 1, -1, Infinity, 1), ['B', dim])
  const linear = model.linear ?? denseLinear(tensors, product)
  const logits = linear(g, last, 'decoder.output_projection.weight', undefined)

  const drawn = drawOnDevice(g, logits, g.input('uniforms', 'f32', ['B']), samplingInputs(g))
  const column = (values: Value) => g.reshape(values, ['B', 1])
  const pinned = column(g.input('pinned', 'f32', ['B']))
  const isDrawn = g.op('Less', [pinned, g.scalar(0)])
  const token = g.op('Where', [isDrawn, drawn.token, pinned]) // [B, 1]
  g.output('next_ids', g.cast(g.op('Add', [token, g.scalar(SPECIALS)]), 'i64'))

  const now = g.concat([token, drawn.logProbability, drawn.rank, drawn.entropy], 1) // [B, 4]
  const record = g.input('record', 'f32', [RECORD_ROWS, 'B', 4])
  const rows = g.constant(
    'f32',
    Array.from({ length: RECORD_ROWS }, (_, row) => row),
    [RECORD_ROWS, 1, 1],
  )
  const isBefore = g.op('Less', [rows, g.input('slot', 'f32', [])])
  g.output('next_record', g.op('Where', [isBefore, record, g.unsqueeze(now, 0)]))
  cacheNames('present', config.layers).forEach((name, i) => g.output(name, present[i]!, g.real))
  return g.build()
}

/** Rows x [B*T, C] through every layer to those of the output projection, and the longer cache. */
function layersOnDevice(
  g: GraphBuilder,
  model: TransformerModel,
  product: Product,
  x: Value,
  /** Rows as [B, T, C]. */
  sequence: (rows: Value) => Value,
): { x: Value; present: readonly Value[] } {
  const { tensors, config } = model
  const linear = model.linear ?? denseLinear(tensors, product)
  const past = cacheInputs(g, config, 'past', 'P')
  const [last, total] = [g.input('last', 'i32', ['B']), g.input('total', 'i32', [1])]
  const present: Value[] = []
  const attended = (a: Value, layer: number): Value => {
    const qkv = queriesKeysValues(g, model, product, `decoder.layers.${layer}.self_attn`, a)
    const cache = [past[2 * layer]!, past[2 * layer + 1]!]
    const longer = { type: 'f32', shape: ['B', config.heads, 'S', config.dim / config.heads] } as const
    const heads = { num_heads: config.heads, kv_num_heads: config.heads }
    const [mixed, keys, values] = g.nodes(
      'GroupQueryAttention',
      [...qkv.map((part) => part && sequence(part)), ...cache, last, total],
      heads,
      [{ type: 'f32', shape: ['B', 'T', config.dim] }, longer, longer],
    )
    present.push(keys!, values!)
    return g.reshape(mixed!, ['B*T', config.dim])
  }
  const normName = (layer: number) =>
    layer === config.layers ? 'decoder.layer_norm' : `decoder.layers.${layer}.self_attn_layer_norm`
  let a = config.preNorm ? layerNorm(g, tensors, x, normName(0)) : x
  for (let i = 0; i < config.layers; i++) {
    const name = `decoder.layers.${i}`
    const project = (x: Value, part: string) => linear(g, x, `${name}.${part}.weight`, `${name}.${part}.bias`)
    const mlp = (f: Value) => project(g.op('Gelu', [project(f, 'fc1')]), 'fc2')
    const mixed = project(attended(a, i), 'self_attn.out_proj')
    if (config.preNorm) {
      const middle = skipNorm(g, model, mixed, x, `${name}.final_layer_norm`)
      const end = skipNorm(g, model, mlp(middle.norm), middle.sum, normName(i + 1))
      ;[a, x] = [end.norm, end.sum]
    } else {
      const middle = skipNorm(g, model, mixed, a, `${name}.self_attn_layer_norm`).norm
      a = skipNorm(g, model, mlp(middle), middle, `${name}.final_layer_norm`).norm
    }
  }
  return { x: a, present }
}

/** Queries, keys and values of rows in one product [B*T, 3C]; one each where the weights are not the checkpoint's own. */
function queriesKeysValues(
  g: GraphBuilder,
  { tensors, linear }: TransformerModel,
  product: Product,
  name: string,
  a: Value,
): readonly (Value | null)[] {
  const parts = ['q_proj', 'k_proj', 'v_proj'].map((part) => `${name}.${part}`)
  if (linear) return parts.map((part) => linear(g, a, `${part}.weight`, `${part}.bias`))
  const joined = (what: string) =>
    g.concat(
      parts.map((part) => g.weight(tensors.get(`${part}.${what}`))),
      0,
    )
  return [product(g, a, joined('weight'), joined('bias')), null, null]
}

/** x + skip, and its LayerNorm, in one kernel. */
function skipNorm(
  g: GraphBuilder,
  { tensors }: TransformerModel,
  x: Value,
  skip: Value,
  name: string,
): { norm: Value; sum: Value } {
  const weights = ['weight', 'bias'].map((part) => g.weight(tensors.get(`${name}.${part}`)))
  const rows = { type: 'f32', shape: x.shape } as const
  const moment = { type: 'f32', shape: [x.shape[0]!, 1] } as const
  const outputs = g.nodes('SkipLayerNormalization', [x, skip, ...weights], { epsilon: 1e-5 }, [
    rows,
    moment,
    moment,
    rows,
  ])
  return { norm: outputs[0]!, sum: outputs[3]! }
}

/** A cache of zeros for `deviceStepGraph`: `shape` i64 [4] = [B, H, P, D] -> `zeros`. Made there, it crosses no bus. */
export function emptyCacheGraph(arithmetic?: Arithmetic): Graph {
  const g = new GraphBuilder('empty_cache', arithmetic)
  const shape = g.input('shape', 'i64', [4])
  const constant = g.constant('f32', [0], [1, 1, 1, 1])
  const zero = g.real === 'f32' ? constant : g.cast(constant, g.real)
  const zeros = g.nodes('Expand', [zero, shape], {}, [{ type: g.real, shape: ['B', 'H', 'P', 'D'] }])[0]!
  g.output('zeros', zeros, g.real)
  return g.build()
}

/** `record` on the device -> the same numbers as an output that is copied to the processor. */
export function readRecordGraph(): Graph {
  const g = new GraphBuilder('read_record')
  g.output('values', g.op('Identity', [g.input('record', 'f32', [RECORD_ROWS, 'B', 4])]))
  return g.build()
}
