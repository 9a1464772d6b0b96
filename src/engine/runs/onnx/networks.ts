// The models of a set -> their networks as graphs, each with what a reader must know to run it.
import type { GraphForExport } from './write.ts'
import { ModelError } from '../../../shared/errors.ts'
import { FAMILIES } from '../../../shared/generators/families.ts'
import { dinov2Tokenizer } from '../../models/dinov2.ts'
import type { GeneratorNetwork } from '../../models/generators/generator.ts'
import { scaleMaps } from '../../models/scales.ts'
import { EOS, SPECIALS, UNK } from '../../models/transformer-config.ts'
import { sequenceGraph, stepGraph } from '../../models/transformer-graphs.ts'
import { codesOf, hasEncoder, vqganDecoder, vqganEncoder } from '../../models/vqgan.ts'
import type { OpenModels, OpenTransformer, OpenVqgan } from '../../model-set/open-models.ts'
import type { GeneratorChoice } from '../../model-set/generators/choose.ts'
import { vqganConfig } from '../../tokenizer/tokenizer.ts'

/** Side of the pictures of the release, which the encoder resizes itself. */
const RELEASE_SIZE = 256
const STAGES = {
  stage1: 'stage1',
  stage1Class: 'stage1_class',
  stage2Ar: 'stage2_ar',
  stage2Nar: 'stage2_nar',
  vqAr: 'vq_ar',
} as const

/** Sizes of a generator that no tensor says. */
export type SizeHints = Pick<GeneratorChoice, 'heads' | 'side'>

/** Every network that the set can run. Throws ModelError if there is none. */
export async function networksOf(models: OpenModels, hints: SizeHints): Promise<GraphForExport[]> {
  const { set, generators } = models.modelSet
  const found: GraphForExport[] = []
  const vqgan = set.vqgan === undefined ? undefined : await models.open('vqgan')
  if (set.encoder !== undefined && set.codebook !== undefined) found.push(await encoder(models, vqgan))
  for (const [role, name] of Object.entries(STAGES) as [keyof typeof STAGES, string][])
    if (set[role] !== undefined) found.push(...stage(await models.open(role), name))
  if (vqgan) found.push(...tokenizer(vqgan, 'vqgan'))
  for (const { family, generator, lacks } of generators) {
    if (lacks !== undefined) continue
    const open = await models.generator({ family, file: generator, ...hints })
    const several = generators.filter((one) => one.family === family && one.lacks === undefined)
    const name =
      several.length > 1 ? `${family}_${1 + several.findIndex((one) => one.generator === generator)}` : family
    found.push(...generatorGraphs(open.network, name, FAMILIES[family].title))
    // MAGE's VQGAN is DiGIT's own, and then written already.
    if (open.vqgan.file.id !== vqgan?.file.id) found.push(...tokenizer(open.vqgan, `${name}_vq`))
    if (open.network.order === 'scales')
      found.push({
        name: `${name}_maps`,
        data: `${name}_vq`,
        graph: scaleMaps(open.vqgan.tensors, vqganConfig(open.vqgan)),
        about:
          'The maps that the next scale reads: codes of all scales in a row, -1 for those not drawn yet; row i is for code i + 1.',
      })
  }
  if (found.length === 0) throw new ModelError('no network: the models have nothing that can run')
  return found
}

async function encoder(models: OpenModels, vqgan: OpenVqgan | undefined): Promise<GraphForExport> {
  const { tensors, layerFromEnd } = await models.open('encoder')
  const { centroids, transposed, file } = await models.open('codebook')
  const size = vqgan ? vqganConfig(vqgan).resolution : RELEASE_SIZE
  return {
    name: 'encoder',
    data: 'encoder',
    graph: dinov2Tokenizer(
      tensors,
      { tensor: centroids, transposed, file: file.path },
      { size, layer: layerFromEnd },
    ),
    about: `Pictures with values from 0 to 1 (RGB; statistics and resizing are inside) -> features of block ${layerFromEnd} from the end, and their nearest K-Means centroids: the discriminative tokens, with squared distances and how much farther the second nearest is.`,
  }
}

function stage({ tensors, config }: OpenTransformer, name: string): GraphForExport[] {
  const model = { tensors, config }
  const sequence =
    config.kind === 'stage2-nar'
      ? `The discriminative tokens, then </s>, then the codes, with id ${UNK} where one is masked; every position sees every other, and the rows of the codes are their logits.`
      : config.sourceVocabulary > 0
        ? 'The discriminative tokens, then </s>, then the codes; row i gives the logits of position i + 1.'
        : '</s> or the class, then the tokens; row i gives the logits of position i + 1.'
  const ids = `Token t is id t + ${SPECIALS}; </s> is id ${EOS}.`
  const pass = {
    name: `${name}_pass`,
    data: name,
    graph: sequenceGraph(model),
    about: `Whole sequences in one pass. ${sequence} ${ids}`,
  }
  if (config.kind === 'stage2-nar') return [pass]
  const step = {
    name: `${name}_step`,
    data: name,
    graph: stepGraph(model),
    about: `One step with a cache: ids at positions start .. start + T - 1, the keys and values of all before (length 0 at first) -> the logits after the last, and the cache for the next step. ${ids}`,
  }
  return [pass, step]
}

function generatorGraphs(network: GeneratorNetwork, name: string, title: string): GraphForExport[] {
  if (network.order === 'masked') {
    const about = `${title}: a whole grid in one pass. The ids are those that the original reads (first token or class word included), with the mask id ${network.mask} where a code is open -> logits of all cells.`
    return [{ name: `${name}_pass`, data: name, graph: network.step(), about }]
  }
  if (network.order === 'scales') {
    const about = `${title}: "condition" is the row of the class (${network.classes} without one), "maps" what each code reads, from ${name}_maps.onnx (the first is not read).`
    return [
      {
        name: `${name}_pass`,
        data: name,
        graph: network.pass(),
        about: `${about} All scales in one pass; a code sees its own scale and all before.`,
      },
      {
        name: `${name}_step`,
        data: name,
        graph: network.step(),
        about: `${about} One scale with the keys and values of all before (length 0 at first) -> its logits, and the cache for the next scale.`,
      },
    ]
  }
  const [first = 0] = network.start(null).slice(-1)
  const about = `${title}: the sequence starts with ${network.start(null).length > 1 ? 'a constant and ' : ''}the class, e.g. id ${network.classes > 0 ? `${network.start(0).at(-1)} for class 0, ${first} for none` : first}; code k is id k.${network.conditioned ? ' "condition" is the id of the class.' : ''}`
  return [
    {
      name: `${name}_pass`,
      data: name,
      graph: network.pass(),
      about: `${about} Whole sequences in one pass; row i gives the logits of position i + 1.`,
    },
    {
      name: `${name}_step`,
      data: name,
      graph: network.plainStep(),
      about: `${about} One step with the keys and values of all before (length 0 at first) -> the logits after the last id, and the cache for the next step.`,
    },
  ]
}

function tokenizer(vqgan: OpenVqgan, name: string): GraphForExport[] {
  const config = vqganConfig(vqgan)
  const N = codesOf(config)
  const decode = {
    name: `${name}_decode`,
    data: name,
    graph: vqganDecoder(vqgan.tensors, config),
    about: `${N} codes of an image -> "pixels" as the network gives them, "rgb" as the original writes them, and sums of pixel rows by which a number that is not finite is found.`,
  }
  if (!hasEncoder(vqgan.tensors)) return [decode]
  const encode = {
    name: `${name}_encode`,
    data: name,
    graph: vqganEncoder(vqgan.tensors, config),
    about: `Pictures of ${config.resolution} px with values from 0 to 1 (RGB) -> the ${N} nearest codes and their squared distances.`,
  }
  return [decode, encode]
}
