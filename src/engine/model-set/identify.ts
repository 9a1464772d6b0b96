// An open checkpoint -> the models in it, identified by tensors and configuration, never by file name.
import { basename } from 'node:path'
import type { ModelFile, ModelKind } from '../../shared/models/models.ts'
import { dataAt, UNNAMED_TENSOR, type TensorView, type Weights } from '../checkpoint/index.ts'
import { checkInception } from '../models/inception.ts'
import { modelTensors } from '../models/tensors.ts'
import {
  TRANSFORMER_KINDS,
  transformerConfig,
  type ModelConfig,
  type TransformerConfig,
} from '../models/transformer-config.ts'
import { inferVqganConfig, type VqganConfig } from '../models/vqgan-config.ts'
import { trainingProgress } from './training-progress.ts'
import { byRecommendation } from './versions.ts'

/** One model of a file: a ModelFile without what only the file system knows. */
export type Identity = Pick<ModelFile, 'kind' | 'prefix' | 'summary' | 'facts' | 'notes' | 'versions'> & {
  readonly problem?: string
}

type Facts = Record<string, number | string | boolean>

/** Longer lists of vectors are features, not centroids. */
const MAX_CENTROIDS = 2 ** 20
/** Of a list in a note. */
const MAX_NAMED = 3
const PROBE = 'stlm_linearprobe'
const WORDS: { readonly [kind in TransformerConfig['kind']]: string } = {
  stage1: 'stage 1',
  'stage2-ar': 'stage 2 AR',
  'stage2-nar': 'stage 2 NAR',
  'vq-ar': 'plain VQ AR',
}
const EXPECTED: ReadonlySet<string> = new Set(['FormatError', 'ModelError', 'RequestError'])
const FLOATS: readonly string[] = ['f64', 'f32', 'f16', 'bf16']

/** Never empty: a file without a model is one `unknown`, with the reason. */
export function identify(weights: Weights): Identity[] {
  const main = transformers(weights)
  const carried = main.length > 0 ? { carried: true } : {}
  const others = [...encoders(weights), ...vqgans(weights), ...inceptions(weights), ...codebooks(weights)]
  const carriedOthers = others.map((other) => ({ ...other, facts: { ...other.facts, ...carried } }))
  const [first, ...rest] = [...main, ...carriedOthers]
  if (first) return [{ ...first, ...unreadableNotes(weights) }, ...rest]
  const shapes = [...weights.tensors.values()]
    .slice(0, 3)
    .map(({ name, dtype, shape }) => `${name} ${dtype} [${shape.join(', ')}]`)
  const { size } = weights.tensors
  return [unknown(`contains no known model${size > 0 ? `: ${shapes.join(', ')} ...` : ''}`, size)]
}

/** What the first model of a file says of tensors that no model of it may need. */
function unreadableNotes({ unreadable }: Weights): Pick<Identity, 'notes'> {
  if (unreadable.size === 0) return {}
  const named = [...unreadable.values()]
    .slice(0, MAX_NAMED)
    .map(({ name, problem }) => `${name} (${problem})`)
  const more = unreadable.size - named.length
  const names = [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ')
  return { notes: [`tensors that cannot be read and are not needed: ${names}`] }
}

/** A file that could not be read at all: it may be any model. */
export const unreadable = (problem: string): Identity => {
  const { facts, ...identity } = unknown(problem)
  return { ...identity, facts: { ...facts, unreadable: true } }
}

export const unknown = (problem: string, tensors = 0): Identity => ({
  kind: 'unknown',
  prefix: '',
  summary: 'unknown model',
  facts: { tensors },
  problem,
})

/** `cfg.model`, or `args` of old files, by field. */
export function fairseqConfig(weights: Weights): ModelConfig | undefined {
  for (const place of ['cfg.model', 'args']) {
    const found = dataAt(weights.data, place)
    if (found instanceof Map) return new Map([...found].map(([key, value]) => [String(key), value]))
  }
  return undefined
}

/** Of a fairseq file: `model`, and other weights of the same configuration (averages). */
function transformers(weights: Weights): Identity[] {
  const config = fairseqConfig(weights)
  if (!config) return []
  const found = versionsOf(weights, 'decoder.embed_tokens.weight', ['decoder.output_projection.weight'])
  if (found.length > 0) return found.map((place) => transformer(weights, config, place))
  const isThere = [...weights.tensors.keys()].some((name) => name.startsWith('model.'))
  return isThere ? [transformer(weights, config, { prefix: 'model.' })] : []
}

function transformer(weights: Weights, config: ModelConfig, place: Place): Identity {
  const { prefix } = place
  const name = String(config.get('_name') ?? config.get('arch') ?? '')
  const hints = configHints(weights, config)
  if (name === PROBE)
    return { kind: 'linear-probe', ...place, summary: 'linear probe of a stage 1 model', facts: hints }
  const kind: ModelKind = TRANSFORMER_KINDS[name as keyof typeof TRANSFORMER_KINDS] ?? 'unknown'
  try {
    const found = transformerConfig(config, modelTensors(weights, prefix))
    const { grid: _grid, ...sizes } = found
    const facts = {
      ...sizes,
      ...extent(weights, `${prefix}decoder.`),
      ...hints,
      ...trainingProgress(weights),
    }
    return { kind, ...place, summary: transformerSummary(found, facts), facts }
  } catch (error) {
    const problem = withoutPath(error, weights.path)
    return { kind, ...place, summary: `fairseq model '${name}'`, facts: hints, problem }
  }
}

function transformerSummary(config: TransformerConfig, facts: Facts): string {
  const { kind, dim, layers, vocabulary, sourceVocabulary, classes } = config
  return [
    (classes > 0 ? 'class-conditional ' : '') + WORDS[kind],
    `${dim} wide`,
    `${layers} layers`,
    sourceVocabulary > 0
      ? `${sourceVocabulary} tokens -> ${vocabulary} VQGAN codes`
      : `${vocabulary} ${kind === 'vq-ar' ? 'VQGAN codes' : 'tokens'}`,
    ...(classes > 0 ? [`${classes} classes`] : []),
    String(facts.size),
    String(facts.precision),
  ].join(', ')
}

/** The files a checkpoint was trained with. */
function configHints(weights: Weights, config: ModelConfig): Facts {
  const encoder = (field: string) =>
    dataAt(weights.data, `cfg.model.pretrained_enc_config.${field}`) ??
    dataAt(weights.data, `args.pretrained_enc_config.${field}`)
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  const layer = encoder('layer')
  return {
    codebookHint: text(config.get('kmeans_path')),
    encoderHint: text(encoder('pretrained_enc_path')),
    vqganHint: text(config.get('vqgan_ckpt_path')),
    vqganConfigHint: text(config.get('vqgan_config_path')),
    ...(typeof layer === 'number' ? { encoderLayer: layer } : {}),
  }
}

/** DINOv2 anywhere in the file: `patch_embed.proj.weight` next to `cls_token` and `pos_embed`. */
function encoders(weights: Weights): Identity[] {
  return versionsOf(weights, 'patch_embed.proj.weight', ['cls_token', 'pos_embed']).map((place) => {
    const { prefix } = place
    const shapeOf = (name: string) =>
      (weights.tensors.get(prefix + name) ?? weights.unreadable.get(prefix + name))?.shape
    const width = shapeOf('cls_token')?.at(-1) ?? 0
    const patch = shapeOf('patch_embed.proj.weight')?.at(-1) ?? 0
    const registers = shapeOf('register_tokens')?.[1] ?? 0
    const depth = numbered(weights, `${prefix}blocks.`)
    const facts = { width, patch, registers, depth, ...extent(weights, prefix) }
    const letter = { 384: 'S', 768: 'B', 1024: 'L', 1536: 'g' }[width]
    const name = letter ? `ViT-${letter}/${patch}` : `ViT of patch ${patch}`
    const summary = `encoder, ${name}, ${width} wide, ${depth} blocks, ${registers} registers, ${facts.precision}`
    return { kind: 'encoder', ...place, summary, facts }
  })
}

/** A VQGAN anywhere in the file: a code table next to a decoder. */
function vqgans(weights: Weights): Identity[] {
  return versionsOf(weights, 'quantize.embedding.weight', ['decoder.conv_in.weight']).map((place) => {
    const { prefix } = place
    const { precision, parameters, tensors } = extent(weights, prefix)
    try {
      const config = inferVqganConfig(modelTensors(weights, prefix))
      const facts = { ...vqganFacts(config), precision, parameters, tensors }
      return { kind: 'vqgan', ...place, summary: `VQGAN, ${vqganSummary(config)}, ${precision}`, facts }
    } catch (error) {
      const problem = withoutPath(error, weights.path)
      return { kind: 'vqgan', ...place, summary: 'VQGAN', facts: { precision, parameters, tensors }, problem }
    }
  })
}

/** The network used for FID: torch-fidelity's or pytorch-fid's file. */
function inceptions(weights: Weights): Identity[] {
  return versionsOf(weights, 'Mixed_7c.branch_pool.conv.weight', ['fc.weight']).map((place) => {
    const { prefix } = place
    const facts = extent(weights, prefix)
    const identity = { kind: 'inception', ...place, facts } as const
    const summary = `Inception-v3 (2015) for FID and IS, ${facts.precision}`
    try {
      checkInception(modelTensors(weights, prefix))
      return { ...identity, summary }
    } catch (error) {
      return { ...identity, summary: 'Inception-v3', problem: withoutPath(error, weights.path) }
    }
  })
}

/** Facts on which a VQGAN and its yaml must agree. */
export function vqganFacts({ codes, zChannels, ch, chMult, numResBlocks, resolution }: VqganConfig): Facts {
  return { codes, width: zChannels, channels: ch, multipliers: chMult.join(' '), numResBlocks, resolution }
}

export function vqganSummary({ codes, zChannels, ch, chMult, resolution }: VqganConfig): string {
  return `${resolution} px, ${codes} codes of ${zChannels} dimensions, channels ${ch} x [${chMult.join(', ')}]`
}

/** K-Means centroids: a separate 2-D array, or `centroids` (transposed) of a fairseq checkpoint. */
function codebooks(weights: Weights): Identity[] {
  const own = weights.tensors.get(UNNAMED_TENSOR)
  const inside = weights.tensors.get('model.centroids')
  if (inside && inside.shape.length === 2) return [codebook(inside, 'model.centroids', true)]
  if (weights.tensors.size !== 1 || !own) return []
  const found = codebook(own, '', false)
  if (own.shape.length !== 2 || !FLOATS.includes(own.dtype))
    return [unknown(`not a codebook: ${own.dtype} [${own.shape.join(', ')}] (expected a 2-D float array)`)]
  if (own.shape[0]! > MAX_CENTROIDS)
    return [
      unknown(
        `not a codebook: ${own.shape[0]} vectors are features rather than centroids (maximum ${MAX_CENTROIDS})`,
      ),
    ]
  return [found]
}

function codebook(view: TensorView, prefix: string, transposed: boolean): Identity {
  const [codes = 0, width = 0] = transposed ? [...view.shape].reverse() : view.shape
  const precision = precisionOf(view)
  const summary = `codebook, ${codes} centroids of ${width} dimensions, ${precision}`
  return { kind: 'codebook', prefix, summary, facts: { codes, width, transposed, precision, tensors: 1 } }
}

/** Where a model's tensors are in its file. */
type Place = Pick<Identity, 'prefix' | 'versions'>

/** Places of `name` among tensors that have all `siblings` under the same prefix, the recommended one first. */
function versionsOf(weights: Weights, name: string, siblings: readonly string[]): Place[] {
  const names = new Set([...weights.tensors.keys(), ...weights.unreadable.keys()])
  const prefixes = [...names]
    .filter((full) => full === name || full.endsWith(`.${name}`))
    .map((full) => full.slice(0, full.length - name.length))
    .filter((prefix) => siblings.every((sibling) => names.has(prefix + sibling)))
  const versions = byRecommendation(prefixes)
  return versions.map((prefix) => ({ prefix, ...(versions.length > 1 ? { versions } : {}) }))
}

/** Number of different numbers after the prefix: layers of a list. */
function numbered(weights: Weights, prefix: string): number {
  const numbers = [...weights.tensors.keys()]
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number.parseInt(name.slice(prefix.length), 10))
  return new Set(numbers).size
}

/** Parameters under a prefix, and the precision of most of them. */
function extent(weights: Weights, prefix: string) {
  let parameters = 0
  let tensors = 0
  let largest: TensorView | undefined
  const count = (view: TensorView) => view.shape.reduce((product, size) => product * size, 1)
  for (const [name, view] of weights.tensors) {
    if (!name.startsWith(prefix)) continue
    parameters += count(view)
    tensors++
    if (!largest || count(view) > count(largest)) largest = view
  }
  const millions = parameters / 1e6
  const size = millions >= 10 ? `${Math.round(millions)}M` : `${millions.toFixed(1)}M`
  return { parameters, tensors, size, precision: largest ? precisionOf(largest) : '' }
}

/** The usual word in the field: f16 is fp16. */
const precisionOf = ({ dtype }: TensorView) => dtype.replace(/^f/, 'fp')

/** The problem of a file without its path, which is already in its entry. */
export function withoutPath(error: unknown, path: string): string {
  if (!(error instanceof Error)) return String(error)
  const { name, message } = error
  // Unexpected errors keep their name: they are faults of this program.
  if (!EXPECTED.has(name) && !('code' in error)) return `${name}: ${message}`
  const named = [path, basename(path)].find((place) => message.startsWith(`${place}: `))
  return named === undefined ? message : message.slice(named.length + 2)
}
