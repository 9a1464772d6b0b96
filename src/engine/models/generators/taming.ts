// The GPT of taming-transformers (Esser et al., CVPR 2021) over the codes of a VQGAN. Source: CompVis/taming-transformers
// taming/modules/transformer/mingpt.py and scripts/sample_fast.py, 3ba01b2. The class token shares the rows of the
// codes: class k is embedded as code k. R = rows, C = dim, 256 positions: the class and all codes except the last.
import type { GraphBuilder, Value } from '../../graph/index.ts'
import { blocks, denseLinear, layerNorm, type Layer, type Stack } from '../blocks.ts'
import type { ModelTensors } from '../tensors.ts'
import { causalGraphs } from './causal-step.ts'
import type { CausalNetwork, Hints } from './generator.ts'
import { expectCount, headsOf, layersOf, matrix, publishedHeads, type Sizes } from './sizes.ts'

/** Classes of the public class-conditional model, and the most that any row of codes can be. */
const CLASSES = 1000
/** Of an unconditional model: `sos_token`. */
const UNCONDITIONAL = 0
const PUBLISHED = [
  [1536, 48, 24],
  [1024, 24, 16],
] as const

export interface TamingConfig extends Sizes {
  readonly codes: number
  readonly classes: number
  readonly cells: number
}

export function tamingConfig(tensors: ModelTensors): TamingConfig {
  const [codes, dim] = matrix(tensors, 'transformer.tok_emb.weight')
  const [rows] = matrix(tensors, 'transformer.head.weight')
  expectCount(tensors.file, 'transformer.head.weight: rows', rows, codes)
  const layers = layersOf(tensors, (i) => `transformer.blocks.${i}.ln1.weight`)
  return {
    dim,
    layers,
    heads: publishedHeads(PUBLISHED, dim, layers),
    codes,
    classes: Math.min(CLASSES, codes),
    cells: tensors.get('transformer.pos_emb').shape[1] ?? 0,
  }
}

export function taming(tensors: ModelTensors, { heads: given }: Hints): CausalNetwork {
  const config = tamingConfig(tensors)
  const { dim, layers, codes, cells } = config
  const heads = headsOf(tensors.file, config, given)
  const cache = { layers, heads, dim }
  const linear = denseLinear(tensors)
  const stack: Stack = {
    ...cache,
    norm: 'layer',
    epsilon: 1e-5,
    place: 'before',
    activation: 'gelu',
    names(i) {
      const name = `transformer.blocks.${i}`
      const layer = (part: string): Layer => ({
        weight: `${name}.${part}.weight`,
        bias: `${name}.${part}.bias`,
      })
      return {
        norm1: `${name}.ln1`,
        norm2: `${name}.ln2`,
        qkv: [layer('attn.query'), layer('attn.key'), layer('attn.value')],
        out: layer('attn.proj'),
        mlp: [layer('mlp.0'), layer('mlp.2')],
      }
    },
  }
  const embed = (g: GraphBuilder, ids: Value, positions: Value): Value => {
    const tokens = g.op('Gather', [g.weight(tensors.get('transformer.tok_emb.weight', [codes, dim])), ids])
    const table = g.reshape(g.weight(tensors.get('transformer.pos_emb', [1, cells, dim])), [cells, dim])
    return g.reshape(g.op('Add', [tokens, g.op('Gather', [table, positions])]), ['B*T', dim])
  }
  return {
    order: 'raster',
    vocabulary: codes,
    classes: config.classes,
    cells,
    cache,
    conditioned: false,
    start: (label) => [label ?? UNCONDITIONAL],
    ...causalGraphs(() => ({
      name: 'taming',
      cache,
      body: (g, ids, positions, pass) => blocks(g, tensors, stack, embed(g, ids, positions), pass),
      head: (g, x, last) =>
        linear(g, layerNorm(g, tensors, last(x), 'transformer.ln_f'), 'transformer.head.weight', undefined),
    })),
  }
}
