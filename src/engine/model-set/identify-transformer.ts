// A fairseq checkpoint -> the transformers in it, by their configuration and tensors.
import type { ModelKind } from '../../shared/models/models.ts'
import { dataAt, type Weights } from '../checkpoint/index.ts'
import { modelTensors } from '../models/tensors.ts'
import {
  TRANSFORMER_KINDS,
  transformerConfig,
  type ModelConfig,
  type TransformerConfig,
} from '../models/transformer-config.ts'
import { sequenceGraph } from '../models/transformer-graphs.ts'
import { extent } from './extent.ts'
import { settled, unknown, withoutPath, type Facts, type Identity } from './identity.ts'
import { placesOf, type Place } from './places.ts'
import { trainingProgress } from './training-progress.ts'

const PROBE = 'stlm_linearprobe'
const NOT_FAIRSEQ = 'checkpoint of another program (its configuration has no _name or arch)'
const WORDS: { readonly [kind in TransformerConfig['kind']]: string } = {
  stage1: 'stage 1',
  'stage2-ar': 'stage 2 AR',
  'stage2-nar': 'stage 2 NAR',
  'vq-ar': 'plain VQ AR',
}

/** `cfg.model`, or `args` of old files, by field. */
export function fairseqConfig(weights: Weights): ModelConfig | undefined {
  for (const place of ['cfg.model', 'args']) {
    const found = dataAt(weights.data, place)
    if (found instanceof Map) return new Map([...found].map(([key, value]) => [String(key), value]))
  }
  return undefined
}

/** Of a fairseq file: `model`, and other weights of the same configuration (averages). */
export function transformers(weights: Weights): Identity[] {
  const config = fairseqConfig(weights)
  if (!config) return []
  const found = placesOf(weights, 'transformer')
  if (found.length > 0) return found.map((place) => transformer(weights, config, place))
  // Other programs have `args`, too.
  const isNamed = config.has('_name') || config.has('arch')
  const isThere = isNamed && [...weights.tensors.keys()].some((name) => name.startsWith('model.'))
  return isThere ? [transformer(weights, config, { prefix: 'model.' })] : []
}

function transformer(weights: Weights, config: ModelConfig, place: Place): Identity {
  const { prefix } = place
  const name = String(config.get('_name') ?? config.get('arch') ?? '')
  if (name === '') return { ...unknown(NOT_FAIRSEQ), ...place }
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
    const identity = { kind, ...place, summary: transformerSummary(found, facts), facts }
    return settled(weights, 'transformer', identity, (tensors) => [sequenceGraph({ tensors, config: found })])
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
    `${layers} ${layers === 1 ? 'layer' : 'layers'}`,
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
