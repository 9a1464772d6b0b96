// fairseq's TransformerDecoder as DiGIT uses it: no cross attention, learned positions, pre- or post-norm.
// Source: fairseq/modules/transformer_layer.py, fairseq/models/transformer/transformer_decoder.py and
// fairseq_user/models of the DiGIT release.
// B = batch, T = positions in this pass, P = positions in the cache, S = P + T, C = dim, H = heads, D = C / H.
import { ModelError } from '../../shared/errors.ts'
import type { Dim, GraphBuilder, Value } from '../graph/index.ts'
import type { ModelTensors } from './tensors.ts'
import { blocks, layerNorm, type Attend, type Linear, type Stack } from './blocks.ts'
import { FIRST_POSITION, SPECIALS, type TransformerConfig } from './transformer-config.ts'

/** Throws ModelError unless every tensor of the decoder exists with the shape of its configuration. */
export function checkTransformerTensors(tensors: ModelTensors, config: TransformerConfig): void {
  const { dim, ffn, layers, vocabulary } = config
  for (let i = 0; i < layers; i++) {
    for (const projection of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) {
      tensors.get(`decoder.layers.${i}.self_attn.${projection}.weight`, [dim, dim])
      tensors.get(`decoder.layers.${i}.self_attn.${projection}.bias`, [dim])
    }
    tensors.get(`decoder.layers.${i}.fc1.weight`, [ffn, dim])
    tensors.get(`decoder.layers.${i}.fc1.bias`, [ffn])
    tensors.get(`decoder.layers.${i}.fc2.weight`, [dim, ffn])
    tensors.get(`decoder.layers.${i}.fc2.bias`, [dim])
    for (const norm of ['self_attn_layer_norm', 'final_layer_norm'])
      for (const part of ['weight', 'bias']) tensors.get(`decoder.layers.${i}.${norm}.${part}`, [dim])
  }
  if (config.preNorm) for (const part of ['weight', 'bias']) tensors.get(`decoder.layer_norm.${part}`, [dim])
  tensors.get('decoder.output_projection.weight', [vocabulary + SPECIALS, dim])
  checkPositions(tensors, 'decoder.embed_positions.weight', config.grid.cells + 1, dim)
  if (config.sourceVocabulary > 0)
    checkPositions(tensors, 'decoder.embed_positions_1.weight', config.grid.cells, dim)
}

/** Tables have the trained length (1026 rows in the release), which must cover a whole grid. */
function checkPositions(tensors: ModelTensors, name: string, positions: number, dim: number): void {
  const { shape } = tensors.get(name)
  if (shape.length !== 2 || shape[1] !== dim || shape[0]! < FIRST_POSITION + positions)
    throw new ModelError(
      `${tensors.file}: ${name} has shape [${shape.join(', ')}], expected at least [${FIRST_POSITION + positions}, ${dim}]`,
    )
}

/** The rows of the position tables in the order of the sequence: [positions, C]. */
export function positionTable(g: GraphBuilder, tensors: ModelTensors, config: TransformerConfig): Value {
  const table = g.weight(tensors.get('decoder.embed_positions.weight'))
  const sequence = g.slice(table, 0, FIRST_POSITION, FIRST_POSITION + config.grid.cells + 1)
  if (config.sourceVocabulary === 0) return sequence
  const prefixTable = g.weight(tensors.get('decoder.embed_positions_1.weight'))
  return g.concat([g.slice(prefixTable, 0, FIRST_POSITION, FIRST_POSITION + config.grid.cells), sequence], 0)
}

/** sqrt(C) E[ids] + positions as rows [B*T, C]; ids i64 [B, T], positions f32 [T, C]. */
export function embedAt(
  g: GraphBuilder,
  tensors: ModelTensors,
  config: TransformerConfig,
  ids: Value,
  positions: Value,
): Value {
  const tokens = g.op('Gather', [g.weight(tensors.get('decoder.embed_tokens.weight')), ids], { axis: 0 }) // [B, T, C]
  const scaled = g.op('Mul', [tokens, g.scalar(config.embedScale)])
  return g.reshape(g.op('Add', [scaled, positions]), ['B*T', config.dim])
}

/** The same at the positions from `start` i64 [] on. */
export function embed(
  g: GraphBuilder,
  tensors: ModelTensors,
  config: TransformerConfig,
  ids: Value,
  start: Value,
): Value {
  const [, T] = ids.shape as [Dim, Dim]
  const length = g.reshape(g.shapeOf(ids, 1, 2), [])
  const rows = g.nodes('Range', [start, g.op('Add', [start, length]), g.scalar(1, 'i64')], {}, [
    { type: 'i64', shape: [T] },
  ])[0]!
  const positions = g.op('Gather', [positionTable(g, tensors, config), rows], { axis: 0 })
  return embedAt(g, tensors, config, ids, positions)
}

/** The blocks as fairseq names them. */
const stackOf = ({ dim, heads, layers, preNorm }: TransformerConfig): Stack => ({
  dim,
  heads,
  layers,
  norm: 'layer',
  epsilon: 1e-5,
  place: preNorm ? 'before' : 'after',
  activation: 'gelu',
  names(i) {
    const name = `decoder.layers.${i}`
    const layer = (part: string) => ({ weight: `${name}.${part}.weight`, bias: `${name}.${part}.bias` })
    return {
      norm1: `${name}.self_attn_layer_norm`,
      norm2: `${name}.final_layer_norm`,
      qkv: [layer('self_attn.q_proj'), layer('self_attn.k_proj'), layer('self_attn.v_proj')],
      out: layer('self_attn.out_proj'),
      mlp: [layer('fc1'), layer('fc2')],
    }
  },
})

/**
 * x [B*T, C] through every layer, to hidden states [B*T, C] for the output projection. `onLayer` receives the output of
 * each layer (fairseq's `inner_states`, from the second on).
 */
export function transformerLayers(
  g: GraphBuilder,
  tensors: ModelTensors,
  config: TransformerConfig,
  x: Value,
  ids: Value,
  attend: Attend,
  linear: Linear,
  onLayer?: (x: Value) => void,
): Value {
  const [B, T] = ids.shape as [Dim, Dim]
  const shape = g.shapeOf(ids, 0, 2)
  const pass = { B, T, shape, attend, ...(onLayer ? { onLayer } : {}) }
  const out = blocks(g, tensors, stackOf(config), x, pass, linear)
  return config.preNorm ? layerNorm(g, tensors, out, 'decoder.layer_norm') : out
}

/** Additive mask [T, S = seen + T]: position i of this pass sees the first `seen + i + 1` positions; seen i64 []. */
export function causalMask(g: GraphBuilder, ids: Value, seen: Value, S: Dim): Value {
  const [, T] = ids.shape as [Dim, Dim]
  const one = g.scalar(1, 'i64')
  const zero = g.scalar(0, 'i64')
  const length = g.reshape(g.shapeOf(ids, 1, 2), [])
  const range = (end: Value, size: Dim) =>
    g.nodes('Range', [zero, end, one], {}, [{ type: 'i64', shape: [size] }])[0]!
  const last = g.op('Add', [range(length, T), seen]) // the last visible position of each row
  const columns = range(g.op('Add', [seen, length]), S)
  const visible = g.op('LessOrEqual', [g.unsqueeze(columns, 0), g.unsqueeze(last, 1)]) // [T, S]
  return g.op('Where', [visible, g.scalar(0), g.scalar(-Infinity)])
}
