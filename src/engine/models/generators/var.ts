// VAR (Tian et al., NeurIPS 2024): a transformer with AdaLN that predicts all codes of a scale from the scales before
// it. Source: FoundationVision/VAR models/var.py and basic_var.py, 78b9539. R = rows, T = codes of the scales in a pass,
// C = dim, E = width of a code.
import { ModelError } from '../../../shared/errors.ts'
import { GraphBuilder, type Dim, type Graph, type Value } from '../../graph/index.ts'
import { attention, cacheInputs, cacheNames } from '../attention.ts'
import {
  blocks,
  denseLinear,
  modulate,
  plainNorm,
  silu,
  type Attend,
  type Layer,
  type Stack,
} from '../blocks.ts'
import { SCALE_SIDES } from '../../../shared/grid/layout.ts'
import { cellsOf } from '../scale-sides.ts'
import type { ModelTensors } from '../tensors.ts'
import type { ScalesNetwork } from './generator.ts'
import { expectCount, layersOf, matrix, type Sizes } from './sizes.ts'

const EPSILON = 1e-6

export interface VarConfig extends Sizes {
  readonly heads: number
  readonly codes: number
  readonly classes: number
  readonly codeWidth: number
}

export function varConfig(tensors: ModelTensors): VarConfig {
  const { file } = tensors
  const [labels, dim] = matrix(tensors, 'class_emb.weight')
  const [codes] = matrix(tensors, 'head.weight')
  const [, codeWidth] = matrix(tensors, 'word_embed.weight')
  const [, positions = 0] = tensors.get('pos_1LC').shape
  expectCount(file, 'pos_1LC: codes of other scales than those of 256 px', positions, cellsOf(SCALE_SIDES))
  const [, heads = 0] = tensors.get('blocks.0.attn.scale_mul_1H11').shape
  if (labels < 2 || heads < 1 || dim % heads !== 0)
    throw new ModelError(
      `${file}: sizes do not fit VAR (found ${labels} class rows, ${dim} wide, ${heads} heads)`,
    )
  return {
    dim,
    layers: layersOf(tensors, (i) => `blocks.${i}.attn.mat_qkv.weight`),
    heads,
    codes,
    classes: labels - 1,
    codeWidth,
  }
}

export function varNetwork(tensors: ModelTensors): ScalesNetwork {
  const { dim, layers, heads, codes, classes, codeWidth } = varConfig(tensors)
  const cache = { layers, heads, dim }
  return {
    pass: () => varPass(tensors),
    order: 'scales',
    vocabulary: codes,
    classes,
    sides: SCALE_SIDES,
    cells: cellsOf(SCALE_SIDES),
    cache,
    codeWidth,
    condition: (label) => label ?? classes,
    step() {
      const g = new GraphBuilder('var_step')
      const maps = g.input('maps', 'f32', ['B', 'T', codeWidth])
      const start = g.input('start', 'i64', [])
      const past = cacheInputs(g, cache, 'past', 'P')
      const positions = positionsFrom(g, start, maps)
      const present: Value[] = []
      // A scale sees itself and all before it: every position of the cache and of this pass.
      const attend: Attend = (g, q, k, v, layer) => {
        const keys = g.concat([past[2 * layer]!, k], 2)
        const values = g.concat([past[2 * layer + 1]!, v], 2)
        present.push(keys, values)
        return attention(g, q, keys, values, undefined)
      }
      g.output('logits', body(g, tensors, maps, positions, 'T', attend))
      cacheNames('present', layers).forEach((name, i) => g.output(name, present[i]!))
      return g.build()
    },
  }
}

/**
 * Scales in one pass, the first or all: `maps` f32 [R, T, E], of which the first is not read, and `condition` i64 [R] ->
 * `logits` f32 [R, T, V]. A code sees its own scale and all before.
 */
function varPass(tensors: ModelTensors): Graph {
  const { codeWidth } = varConfig(tensors)
  const g = new GraphBuilder('var_pass')
  const maps = g.input('maps', 'f32', ['B', 'T', codeWidth])
  const positions = positionsFrom(g, g.scalar(0, 'i64'), maps)
  const scales = g.op('Gather', [g.constant('i64', scaleOfCode()), positions], { axis: 0 })
  const sees = g.op('LessOrEqual', [g.unsqueeze(scales, 0), g.unsqueeze(scales, 1)]) // [query, key]
  const mask = g.op('Where', [sees, g.scalar(0), g.scalar(-Infinity)])
  const attend: Attend = (g, q, k, v) => attention(g, q, k, v, mask)
  g.output('logits', body(g, tensors, maps, positions, 'T', attend))
  return g.build()
}

/** The positions of maps [R, T, E] from `start` on: i64 [T]. */
function positionsFrom(g: GraphBuilder, start: Value, maps: Value): Value {
  const length = g.reshape(g.shapeOf(maps, 1, 2), [])
  return g.nodes('Range', [start, g.op('Add', [start, length]), g.scalar(1, 'i64')], {}, [
    { type: 'i64', shape: ['T'] },
  ])[0]!
}

const scaleOfCode = (): number[] => SCALE_SIDES.flatMap((side, k) => new Array<number>(side ** 2).fill(k))

/** The logits [R, T, V] of maps [R, T, E] at positions [T]. */
function body(
  g: GraphBuilder,
  tensors: ModelTensors,
  maps: Value,
  positions: Value,
  T: Dim,
  attend: Attend,
): Value {
  const { dim, layers, heads, codes, classes, codeWidth } = varConfig(tensors)
  const linear = denseLinear(tensors)
  const weight = (name: string, shape: readonly number[]) => g.weight(tensors.get(name, shape))
  const shape = g.shapeOf(maps, 0, 2) // [R, T]
  const wide = g.concat([shape, g.constant('i64', [dim])], 0)
  const rows = (x: Value) => g.reshape(x, ['B*T', dim])

  const label = g.op(
    'Gather',
    [weight('class_emb.weight', [classes + 1, dim]), g.input('condition', 'i64', ['B'])],
    {
      axis: 0,
    },
  ) // [R, C]
  const first = g.op('Add', [g.unsqueeze(label, 1), weight('pos_start', [1, 1, dim])]) // [R, 1, C]
  const words = linear(g, g.reshape(maps, ['B*T', codeWidth]), 'word_embed.weight', 'word_embed.bias')
  const isFirst = g.unsqueeze(g.op('Less', [positions, g.scalar(1, 'i64')]), 1) // [T, 1]
  const token = g.op('Where', [isFirst, first, g.reshape(words, ['B', T, dim], wide)]) // [R, T, C]
  const rowsAt = (table: Value, at: Value) => g.op('Gather', [table, at], { axis: 0 }) // [T, C]
  const scale = rowsAt(g.constant('i64', scaleOfCode()), positions)
  const place = g.op('Add', [
    rowsAt(weight('lvl_embed.weight', [SCALE_SIDES.length, dim]), scale),
    rowsAt(
      g.reshape(weight('pos_1LC', [1, cellsOf(SCALE_SIDES), dim]), [cellsOf(SCALE_SIDES), dim]),
      positions,
    ),
  ])

  /** One row an image [R, C] -> one row a code [R*T, C]. */
  const spread = (chunk: Value) =>
    rows(g.nodes('Expand', [g.unsqueeze(chunk, 1), wide], {}, [{ type: 'f32', shape: ['B', T, dim] }])[0]!)
  const condition = silu(g, label)
  const stack = stackOf({ dim, layers, heads })
  const x = blocks(g, tensors, stack, rows(g.op('Add', [token, place])), {
    B: 'B',
    T,
    shape,
    attend,
    condition,
    spread,
  })
  const chunks = linear(g, condition, 'head_nm.ada_lin.1.weight', 'head_nm.ada_lin.1.bias') // [R, 2 C]
  const chunk = (i: number) => spread(g.slice(chunks, 1, i * dim, (i + 1) * dim))
  const normed = modulate(g, plainNorm(g, x, dim, EPSILON), chunk(0), chunk(1))
  const sizes = g.concat([shape, g.constant('i64', [codes])], 0)
  return g.reshape(linear(g, normed, 'head.weight', 'head.bias'), ['B', T, codes], sizes)
}

const stackOf = (sizes: Pick<Stack, 'dim' | 'layers' | 'heads'>): Stack => ({
  ...sizes,
  norm: 'plain',
  epsilon: EPSILON,
  place: 'before',
  activation: 'gelu-tanh',
  chunks: ['gate1', 'gate2', 'scale1', 'scale2', 'shift1', 'shift2'],
  names(i) {
    const name = `blocks.${i}`
    const layer = (part: string): Layer => ({
      weight: `${name}.${part}.weight`,
      bias: `${name}.${part}.bias`,
    })
    return {
      // Norms without weights.
      norm1: '',
      norm2: '',
      qkv: { weight: `${name}.attn.mat_qkv.weight` },
      qvBias: [`${name}.attn.q_bias`, `${name}.attn.v_bias`],
      qkScale: `${name}.attn.scale_mul_1H11`,
      out: layer('attn.proj'),
      mlp: [layer('ffn.fc1'), layer('ffn.fc2')],
      modulation: layer('ada_lin.1'),
    }
  },
})
