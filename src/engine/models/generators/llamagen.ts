// LlamaGen (Sun et al., 2024): a Llama over the codes of a VQ with vectors of length 1. Source: FoundationVision/LlamaGen
// autoregressive/models/gpt.py and generate.py, ce98ec4. R = rows, C = dim, D = width of a head; positions: the class,
// then the codes.
import { ModelError } from '../../../shared/errors.ts'
import { gridOfSide, type GridShape } from '../../../shared/grid/shape.ts'
import type { GraphBuilder, Value } from '../../graph/index.ts'
import { blocks, denseLinear, normOf, type Stack } from '../blocks.ts'
import type { ModelTensors } from '../tensors.ts'
import { causalGraphs } from './causal-step.ts'
import type { CausalNetwork, Hints } from './generator.ts'
import { expectCount, headsOf, layersOf, matrix, publishedHeads, type Sizes } from './sizes.ts'

const EPSILON = 1e-5
const BASE = 10_000
/** Width of a head of every published size, except 3B, which has 100. */
const HEAD = 64
const WIDE = [[3200, 24, 32]] as const
/** Side of the grid of 256 px; those of 384 px have 24. The file does not say: its rotations are computed. */
const SIDE = 16

export interface LlamagenConfig extends Sizes {
  readonly codes: number
  readonly classes: number
}

export function llamagenConfig(tensors: ModelTensors): LlamagenConfig {
  const [codes, dim] = matrix(tensors, 'tok_embeddings.weight')
  const [labels] = matrix(tensors, 'cls_embedding.embedding_table.weight')
  const [rows] = matrix(tensors, 'output.weight')
  expectCount(tensors.file, 'output.weight: rows', rows, codes)
  if (labels < 2) throw new ModelError(`${tensors.file}: ${labels} class rows leave no class besides null`)
  const layers = layersOf(tensors, (i) => `layers.${i}.attention_norm.weight`)
  return {
    dim,
    layers,
    heads: publishedHeads(WIDE, dim, layers) ?? (dim % HEAD === 0 ? dim / HEAD : undefined),
    codes,
    classes: labels - 1,
  }
}

export function llamagen(tensors: ModelTensors, { heads: given, side = SIDE }: Hints): CausalNetwork {
  const config = llamagenConfig(tensors)
  const { dim, layers, codes, classes } = config
  const heads = headsOf(tensors.file, config, given)
  const cache = { layers, heads, dim }
  const D = dim / heads
  if (D % 4 !== 0)
    throw new ModelError(
      `${tensors.file}: heads of ${D} cannot be rotated by row and column (expected a multiple of 4)`,
    )
  const grid = gridOfSide(side)
  const linear = denseLinear(tensors)
  const stack: Stack = {
    ...cache,
    norm: 'rms',
    epsilon: EPSILON,
    place: 'before',
    activation: 'swiglu',
    names(i) {
      const name = `layers.${i}`
      const layer = (part: string) => ({ weight: `${name}.${part}.weight` })
      return {
        norm1: `${name}.attention_norm`,
        norm2: `${name}.ffn_norm`,
        qkv: layer('attention.wqkv'),
        out: layer('attention.wo'),
        mlp: [layer('feed_forward.w3'), layer('feed_forward.w2'), layer('feed_forward.w1')],
      }
    },
  }
  /** Codes by their own ids, classes by the ids after them. */
  const embed = (g: GraphBuilder, ids: Value): Value => {
    const rowsOf = (name: string, rows: number, at: Value) =>
      g.op('Gather', [g.weight(tensors.get(name, [rows, dim])), at], { axis: 0 })
    const first = g.scalar(codes, 'i64')
    const token = rowsOf('tok_embeddings.weight', codes, g.op('Min', [ids, g.scalar(codes - 1, 'i64')]))
    const label = rowsOf(
      'cls_embedding.embedding_table.weight',
      classes + 1,
      g.op('Max', [g.op('Sub', [ids, first]), g.scalar(0, 'i64')]),
    )
    const isCode = g.unsqueeze(g.op('Less', [ids, first]), 2)
    return g.reshape(g.op('Where', [isCode, token, label]), ['B*T', dim])
  }
  return {
    order: 'raster',
    vocabulary: codes,
    classes,
    cells: grid.cells,
    cache,
    conditioned: false,
    start: (label) => [codes + (label ?? classes)],
    ...causalGraphs(() => ({
      name: 'llamagen',
      cache,
      body: (g, ids, positions, pass) =>
        blocks(g, tensors, stack, embed(g, ids), { ...pass, rotate: rotation(g, grid, D, positions) }),
      head: (g, x, last) => linear(g, normOf(g, tensors, stack, last(x), 'norm'), 'output.weight', undefined),
    })),
  }
}

/**
 * Cosines and sines [1 + cells, D] by which the pairs (2i, 2i + 1) of a head turn: the first half of a head by the row of
 * the cell, the second by its column, pair i of a half by angle x BASE^(-4i/D). All zero at the class, whose query and
 * key vanish (sic).
 */
export function rotations(
  { side, cells }: GridShape,
  D: number,
): { cosines: Float32Array; sines: Float32Array } {
  const cosines = new Float32Array((1 + cells) * D)
  const sines = new Float32Array((1 + cells) * D)
  for (let cell = 0; cell < cells; cell++)
    for (let at = 0; at < D; at++) {
      const half = D / 2
      const pair = Math.floor((at % half) / 2)
      const place = at < half ? Math.floor(cell / side) : cell % side
      const angle = place * BASE ** ((-4 * pair) / D)
      cosines[(1 + cell) * D + at] = Math.cos(angle)
      sines[(1 + cell) * D + at] = Math.sin(angle)
    }
  return { cosines, sines }
}

/** x cos + turned(x) sin, where turned takes each pair (a, b) to (-b, a): a product with a signed permutation is exact. */
function rotation(g: GraphBuilder, grid: GridShape, D: number, positions: Value): (x: Value) => Value {
  const { cosines, sines } = rotations(grid, D)
  const table = (values: Float32Array) =>
    g.op('Gather', [g.constant('f32', values, [1 + grid.cells, D]), positions], { axis: 0 }) // [T, D]
  const [cos, sin] = [table(cosines), table(sines)]
  const turn = new Float32Array(D * D)
  for (let at = 0; at < D; at += 2) {
    turn[(at + 1) * D + at] = -1
    turn[at * D + at + 1] = 1
  }
  const turns = g.constant('f32', turn, [D, D])
  return (x) => g.op('Add', [g.op('Mul', [x, cos]), g.op('Mul', [g.op('MatMul', [x, turns]), sin])])
}
