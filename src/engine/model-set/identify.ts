// An open checkpoint -> the models in it, identified by tensors and configuration, never by file name.
import { dataAt, isTorchScript, UNNAMED_TENSOR, type TensorView, type Weights } from '../checkpoint/index.ts'
import { clipConfig, clipEmbedding, clipName } from '../models/clip.ts'
import { dinov2ClassToken, dinov2Tensors } from '../models/dinov2.ts'
import { inceptionFeatures } from '../models/inception/inception.ts'
import { modelTensors } from '../models/tensors.ts'
import { hasEncoder, vqganDecoder, vqganEncoder } from '../models/vqgan.ts'
import { inferVqganConfig, type VqganConfig } from '../models/vqgan-config.ts'
import { VQGAN_KINDS, vqganKind } from '../models/vqgan-kinds.ts'
import { extent, precisionOf } from './extent.ts'
import { generators } from './generators/identify.ts'
import { transformers } from './identify-transformer.ts'
import { settled, unknown, withoutPath, type Facts, type Identity } from './identity.ts'
import { placesOf } from './places.ts'
import { someOf } from './reconcile.ts'

/** Of its own size, so that nothing is resized. */
const INCEPTION_INPUT = { width: 299, height: 299 }
/** Longer lists of vectors are features, not centroids. */
const MAX_CENTROIDS = 2 ** 20
/** What every checkpoint of PyTorch Lightning has. */
const LIGHTNING = 'pytorch-lightning_version'
const FLOATS: readonly string[] = ['f64', 'f32', 'f16', 'bf16']

/** Never empty: a file without a model is one `unknown`, with the reason. */
export function identify(weights: Weights): Identity[] {
  const main = [...transformers(weights), ...generators(weights)]
  const carried = main.length > 0 ? { carried: true } : {}
  const others = [
    ...encoders(weights),
    ...vqgans(weights),
    ...inceptions(weights),
    ...clips(weights),
    ...codebooks(weights),
  ]
  const carriedOthers = others.map((other) => ({ ...other, facts: { ...other.facts, ...carried } }))
  const found = [...main, ...carriedOthers]
  const [first, ...rest] = found
  if (first) {
    const notes = [...(first.notes ?? []), ...unreadableNotes(weights, found)]
    return [{ ...first, ...(notes.length > 0 ? { notes } : {}) }, ...rest]
  }
  if (dataAt(weights.data, LIGHTNING) !== undefined && !hasStateDict(weights))
    return [
      unknown(
        'a checkpoint of PyTorch Lightning without its state_dict: the weights are not in this file',
        weights.tensors.size,
      ),
    ]
  const shapes = [...weights.tensors.values()]
    .slice(0, 3)
    .map(({ name, dtype, shape }) => `${name} ${dtype} [${shape.join(', ')}]`)
  const { size } = weights.tensors
  return [unknown(`contains no known model${size > 0 ? `: ${shapes.join(', ')} ...` : ''}`, size)]
}

const hasStateDict = ({ tensors, unreadable }: Weights): boolean =>
  [...tensors.keys(), ...unreadable.keys()].some((name) => name.startsWith('state_dict.'))

/** About tensors that no model of the file needs; those of a model with a problem may be needed. */
function unreadableNotes({ unreadable }: Weights, models: readonly Identity[]): string[] {
  const unsettled = models.flatMap(({ prefix, problem }) => (problem === undefined ? [] : [prefix]))
  const unneeded = [...unreadable.values()].filter(
    ({ name }) => !unsettled.some((prefix) => name.startsWith(prefix)),
  )
  if (unneeded.length === 0) return []
  const names = someOf(unneeded.map(({ name, problem }) => `${name} (${problem})`))
  return [`tensors that cannot be read and are not needed: ${names}`]
}

/** DINOv2 anywhere in the file: `patch_embed.proj.weight` next to `cls_token` and `pos_embed`, which MAGE has as well. */
function encoders(weights: Weights): Identity[] {
  const others = placesOf(weights, 'mage').map(({ prefix }) => prefix)
  const places = placesOf(weights, 'encoder').filter(({ prefix }) => !others.includes(prefix))
  return places.map((place) => {
    const { prefix } = place
    const shapeOf = (name: string) =>
      (weights.tensors.get(prefix + name) ?? weights.unreadable.get(prefix + name))?.shape
    const width = shapeOf('cls_token')?.at(-1) ?? 0
    const patch = shapeOf('patch_embed.proj.weight')?.at(-1) ?? 0
    const registers = shapeOf('register_tokens')?.[1] ?? 0
    const depth = blocksOf(weights, `${prefix}blocks.`)
    const facts = { width, patch, registers, depth, ...extent(weights, prefix) }
    const letter = { 384: 'S', 768: 'B', 1024: 'L', 1536: 'g' }[width]
    const name = letter ? `ViT-${letter}/${patch}` : `ViT of patch ${patch}`
    const summary = `encoder, ${name}, ${width} wide, ${depth} blocks, ${registers} registers, ${facts.precision}`
    const identity: Identity = { kind: 'encoder', ...place, summary, facts }
    return settled(weights, 'encoder', identity, (tensors) => [dinov2ClassToken(dinov2Tensors(tensors))])
  })
}

/** A VQGAN anywhere in the file: a code table next to a decoder. Those of other generators have a kind of their own. */
function vqgans(weights: Weights): Identity[] {
  return placesOf(weights, 'vqgan').map((place) => {
    const { prefix } = place
    const { precision, parameters, tensors } = extent(weights, prefix)
    const family = vqganKind(modelTensors(weights, prefix))
    const { title } = VQGAN_KINDS[family]
    const kind = family === 'mage' ? 'vqgan' : 'tokenizer'
    try {
      const config = inferVqganConfig(modelTensors(weights, prefix))
      const facts = {
        ...vqganFacts(config),
        precision,
        parameters,
        tensors,
        ...(family === 'mage' ? {} : { family }),
        ...(hasEncoder(modelTensors(weights, prefix)) ? {} : { decodesOnly: true }),
      }
      const summary = `${title}, ${vqganSummary(config)}, ${precision}`
      return settled(weights, 'vqgan', { kind, ...place, summary, facts }, (tensors) => [
        vqganDecoder(tensors, config),
        // Decoding needs no encoder, so a file may have none.
        ...(hasEncoder(tensors) ? [vqganEncoder(tensors, config)] : []),
      ])
    } catch (error) {
      const problem = withoutPath(error, weights.path)
      return { kind, ...place, summary: title, facts: { precision, parameters, tensors }, problem }
    }
  })
}

/** The network used for FID: torch-fidelity's or pytorch-fid's file. */
function inceptions(weights: Weights): Identity[] {
  return placesOf(weights, 'inception').map((place) => {
    const { prefix } = place
    const facts = extent(weights, prefix)
    const identity: Identity = { kind: 'inception', ...place, facts, summary: 'Inception-v3' }
    const known = settled(weights, 'inception', identity, (tensors) => [
      inceptionFeatures(tensors, INCEPTION_INPUT),
    ])
    const summary = `Inception-v3 (2015) for FID and IS, ${facts.precision}`
    return known.problem === undefined ? { ...known, summary } : known
  })
}

/** The image tower of CLIP, by the names of OpenAI and open_clip or of transformers. */
function clips(weights: Weights): Identity[] {
  return (['clip', 'clip-hf'] as const).flatMap((network) =>
    placesOf(weights, network).map((place) => {
      const { precision, parameters, tensors } = extent(weights, place.prefix)
      // The archive of OpenAI is the program itself, which has QuickGELU; other files do not say.
      const isArchive = isTorchScript(weights)
      try {
        const config = clipConfig(modelTensors(weights, place.prefix))
        const { width, depth, patch, side, embedding } = config
        const facts = { width, depth, patch, side, embedding, isArchive, precision, parameters, tensors }
        const summary = `CLIP image tower, ${clipName(config)}, embeddings of ${embedding}, ${precision}`
        const identity: Identity = { kind: 'clip', ...place, summary, facts }
        return settled(weights, network, identity, (tensors) => [clipEmbedding(tensors, 'quick_gelu')])
      } catch (error) {
        const problem = withoutPath(error, weights.path)
        return { kind: 'clip', ...place, summary: 'CLIP', facts: { precision, parameters, tensors }, problem }
      }
    }),
  )
}

/** Facts on which a VQGAN and its yaml must agree. */
export function vqganFacts({ codes, codeWidth, ch, chMult, numResBlocks, resolution }: VqganConfig): Facts {
  return { codes, width: codeWidth, channels: ch, multipliers: chMult.join(' '), numResBlocks, resolution }
}

export function vqganSummary({ codes, codeWidth, ch, chMult, resolution }: VqganConfig): string {
  return `${resolution} px, ${codes} codes of ${codeWidth} dimensions, channels ${ch} x [${chMult.join(', ')}]`
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

/** Number of blocks: `blocks.NUMBER.`, or `blocks.CHUNK.NUMBER.`. */
function blocksOf(weights: Weights, prefix: string): number {
  const numbers = [...weights.tensors.keys()]
    .filter((name) => name.startsWith(prefix))
    .map((name) => /^(?:\d+\.)*/.exec(name.slice(prefix.length))![0].split('.').at(-2))
  return new Set(numbers).size
}
