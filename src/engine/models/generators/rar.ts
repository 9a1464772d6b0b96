// RAR (Yu et al., 2024): a causal transformer with AdaLN, told at each position which place comes next. Source:
// bytedance/1d-tokenizer modeling/rar.py, 942a96f. R = rows, C = dim; positions: a constant, the class, the codes.
import type { GraphBuilder, Value } from '../../graph/index.ts'
import { ModelError } from '../../../shared/errors.ts'
import { gridOfSide } from '../../../shared/grid/shape.ts'
import { blocks, denseLinear, modulate, plainNorm, silu, type Layer, type Stack } from '../blocks.ts'
import type { ModelTensors } from '../tensors.ts'
import { causalGraphs } from './causal-step.ts'
import type { CausalNetwork } from './generator.ts'
import { layersOf, matrix, type Sizes } from './sizes.ts'

/** Grid of the published models: `image_seq_len`. */
const CELLS = gridOfSide(16).cells
const EPSILON = 1e-6

export interface RarConfig extends Sizes {
  readonly heads: number
  readonly codes: number
  readonly classes: number
}

/** Rows of the embedding: codes, the mask, classes, null. */
export function rarConfig(tensors: ModelTensors): RarConfig {
  const [words, dim] = matrix(tensors, 'embeddings.weight')
  const [codes] = matrix(tensors, 'lm_head.weight')
  const [width = 0] = tensors.get('blocks.0.attn.q_norm.weight').shape
  const classes = words - codes - 2
  if (classes < 1 || width < 1 || dim % width !== 0)
    throw new ModelError(
      `${tensors.file}: sizes do not fit RAR (found ${words} words, ${codes} codes, ${dim} wide, heads of ${width})`,
    )
  return {
    dim,
    layers: layersOf(tensors, (i) => `blocks.${i}.norm1.weight`),
    heads: dim / width,
    codes,
    classes,
  }
}

export function rar(tensors: ModelTensors): CausalNetwork {
  const { dim, layers, heads, codes, classes } = rarConfig(tensors)
  const words = codes + classes + 2
  const cache = { layers, heads, dim }
  const linear = denseLinear(tensors)
  const stack: Stack = {
    ...cache,
    norm: 'layer',
    epsilon: EPSILON,
    place: 'before',
    activation: 'gelu',
    chunks: ['shift1', 'scale1', 'gate1', 'shift2', 'scale2', 'gate2'],
    names(i) {
      const name = `blocks.${i}`
      const layer = (part: string): Layer => ({
        weight: `${name}.${part}.weight`,
        bias: `${name}.${part}.bias`,
      })
      return {
        norm1: `${name}.norm1`,
        norm2: `${name}.norm2`,
        qkv: layer('attn.qkv'),
        out: layer('attn.proj'),
        mlp: [layer('mlp.fc1'), layer('mlp.fc2')],
        qkNorm: [`${name}.attn.q_norm`, `${name}.attn.k_norm`],
        modulation: layer('adaLN_modulation.1'),
      }
    },
  }
  /** Rows of a table [1, N, C] at positions [T]. */
  const rowsAt = (g: GraphBuilder, name: string, positions: Value): Value => {
    const [, N = 0] = tensors.get(name).shape
    const table = g.reshape(g.weight(tensors.get(name, [1, N, dim])), [N, dim])
    return g.op('Gather', [table, positions], { axis: 0 })
  }
  const rows = (g: GraphBuilder, x: Value) => g.reshape(x, ['B*T', dim])

  return {
    order: 'raster',
    vocabulary: codes,
    classes,
    cells: CELLS,
    cache,
    conditioned: true,
    // The constant is a tensor of its own: the id after all words.
    start: (label) => [words, label === null ? codes + 1 + classes : codes + 1 + label],
    ...causalGraphs(() => {
      let silent: Value | undefined
      return {
        name: 'rar',
        cache,
        body(g, ids, positions, pass) {
          const table = g.weight(tensors.get('embeddings.weight', [words, dim]))
          const word = g.op('Gather', [table, g.op('Min', [ids, g.scalar(words - 1, 'i64')])], { axis: 0 })
          const isWord = g.unsqueeze(g.op('Less', [ids, g.scalar(words, 'i64')]), 2) // [R, T, 1]
          const token = g.op('Where', [isWord, word, g.weight(tensors.get('cls_token', [1, 1, dim]))])
          // Row 2 + j of the target positions belongs to the position that predicts code j, which is 1 + j; the
          // constant in front predicts nothing.
          const target = rowsAt(g, 'target_aware_pos_embed', g.op('Add', [positions, g.scalar(1, 'i64')]))
          const predicts = g.unsqueeze(g.op('GreaterOrEqual', [positions, g.scalar(1, 'i64')]), 1) // [T, 1]
          const place = g.op('Add', [
            rowsAt(g, 'pos_embed', positions),
            g.op('Where', [predicts, target, g.scalar(0)]),
          ])
          const condition = g.op('Gather', [table, g.input('condition', 'i64', ['B'])], { axis: 0 }) // [R, C]
          const time = rowsAt(g, 'timesteps_embeddings', positions) // [T, C]
          silent = silu(g, rows(g, g.op('Add', [g.reshape(condition, ['B', 1, dim]), time])))
          const x = rows(g, g.op('Add', [token, place]))
          return blocks(g, tensors, stack, x, { ...pass, condition: silent })
        },
        head(g, rows, last) {
          const name = 'adaln_before_head.adaLN_modulation.1'
          const chunks = linear(g, last(silent!), `${name}.weight`, `${name}.bias`) // [R, 2 C]
          const [scale, shift] = [g.slice(chunks, 1, 0, dim), g.slice(chunks, 1, dim, 2 * dim)]
          const x = modulate(g, plainNorm(g, last(rows), dim, EPSILON), scale, shift)
          return linear(g, x, 'lm_head.weight', 'lm_head.bias')
        },
      }
    }),
  }
}
