// MaskGIT (Chang et al., CVPR 2022) as reproduced in PyTorch. Source: valeoai/Maskgit-pytorch, branch v1.0,
// Network/transformer.py and Trainer/vit.py, 674ef1d. R = rows, C = dim, 257 positions: the grid, then the class.
import { ModelError } from '../../../shared/errors.ts'
import { GraphBuilder, type Graph, type Value } from '../../graph/index.ts'
import { attention } from '../attention.ts'
import { blocks, denseLinear, layerNorm, type Stack } from '../blocks.ts'
import type { ModelTensors } from '../tensors.ts'
import type { Hints, MaskedNetwork } from './generator.ts'
import { headsOf, layersOf, matrix, publishedHeads, type Sizes } from './sizes.ts'

/** Of the published model. The words are codes, the mask, classes, null. */
const CLASSES = 1000
const PUBLISHED = [
  [768, 24, 16],
  [1024, 32, 16],
  [1024, 48, 16],
] as const

export interface MaskgitConfig extends Sizes {
  /** Absent unless the words can be of ImageNet's classes: they do not say how many are codes. */
  readonly codes?: number
  readonly classes?: number
  readonly words: number
  readonly cells: number
}

export function maskgitConfig(tensors: ModelTensors): MaskgitConfig {
  const [words, dim] = matrix(tensors, 'tok_emb.weight')
  const [positions] = matrix(tensors, 'bias')
  const layers = layersOf(tensors, (i) => `transformer.layers.${i}.0.norm.weight`)
  return {
    dim,
    layers,
    heads: publishedHeads(PUBLISHED, dim, layers),
    ...(words > CLASSES + 2 ? { codes: words - CLASSES - 2, classes: CLASSES } : {}),
    words,
    cells: positions - 1,
  }
}

/** `codes` of the tokenizer: the words alone do not say how many are codes and how many classes. */
export function maskgit(tensors: ModelTensors, { heads: given, codes: known }: Hints): MaskedNetwork {
  const config = maskgitConfig(tensors)
  const heads = headsOf(tensors.file, config, given)
  const codes = known ?? config.codes ?? 0
  const classes = config.words - codes - 2
  if (codes < 1 || classes < 1)
    throw new ModelError(
      `${tensors.file}: ${config.words} words do not fit ${codes} codes, a mask, classes and a null class`,
    )
  const nullId = codes + 1 + classes
  return {
    order: 'masked',
    vocabulary: codes,
    classes,
    cells: config.cells,
    columns: codes + 1,
    mask: codes,
    ids: (grid, label) => [...Array.from(grid), label === null ? nullId : codes + 1 + label],
    step: () => stepGraph(tensors, config, heads, codes + 1),
  }
}

const stackOf = ({ dim, layers }: MaskgitConfig, heads: number): Stack => ({
  dim,
  heads,
  layers,
  norm: 'layer',
  epsilon: 1e-5,
  place: 'before',
  activation: 'gelu',
  names(i) {
    const name = `transformer.layers.${i}`
    const mha = `${name}.0.fn.mha`
    const layer = (part: string) => ({ weight: `${name}.${part}.weight`, bias: `${name}.${part}.bias` })
    return {
      norm1: `${name}.0.norm`,
      norm2: `${name}.1.norm`,
      qkv: { weight: `${mha}.in_proj_weight`, bias: `${mha}.in_proj_bias` },
      out: { weight: `${mha}.out_proj.weight`, bias: `${mha}.out_proj.bias` },
      mlp: [layer('1.fn.net.0'), layer('1.fn.net.3')],
    }
  },
})

function stepGraph(tensors: ModelTensors, config: MaskgitConfig, heads: number, columns: number): Graph {
  const { dim, words, cells } = config
  const g = new GraphBuilder('maskgit_step')
  const T = cells + 1
  const linear = denseLinear(tensors)
  const weight = (name: string, shape: readonly number[]) => g.weight(tensors.get(name, shape))
  const norm = (x: Value, name: string) => layerNorm(g, tensors, x, name, 1e-12)
  const project = (x: Value, name: string) => linear(g, x, `${name}.weight`, `${name}.bias`)
  const ids = g.input('ids', 'i64', ['B', T])

  const table = weight('tok_emb.weight', [words, dim])
  const positions = weight('pos_emb', [1, T, dim])
  let x = g.reshape(g.op('Add', [g.op('Gather', [table, ids], { axis: 0 }), positions]), ['B*T', dim])
  x = g.op('Gelu', [project(norm(x, 'first_layer.0'), 'first_layer.2')])
  x = project(norm(x, 'first_layer.4'), 'first_layer.6')
  x = blocks(g, tensors, stackOf(config, heads), x, {
    B: 'B',
    T,
    shape: g.shapeOf(ids, 0, 2),
    attend: (g, q, k, v) => attention(g, q, k, v, undefined),
  })
  x = g.op('Gelu', [project(norm(x, 'last_layer.0'), 'last_layer.2')])
  x = norm(x, 'last_layer.4')

  // Of the grid's positions and the columns that are codes or the mask.
  const places = g.reshape(g.slice(g.reshape(x, ['B', T, dim]), 1, 0, cells), [`B*${cells}`, dim])
  const products = g.op('Gemm', [places, g.slice(table, 0, 0, columns)], { transB: 1 })
  const bias = g.slice(g.slice(weight('bias', [T, words]), 0, 0, cells), 1, 0, columns)
  g.output('logits', g.op('Add', [g.reshape(products, ['B', cells, columns]), bias]))
  return g.build()
}
