// Files and folders -> the models that fit together, each of which can be opened. Joins model set, checkpoint and
// models.
import { ModelError } from '../../shared/errors.ts'
import type { FamilyName } from '../../shared/generators/families.ts'
import { gridOfCells, type GridShape } from '../../shared/grid/shape.ts'
import { fileHash } from '../../shared/models/model-hash.ts'
import type {
  MatchedGenerator,
  ModelChoice,
  ModelFile,
  ModelSet,
  ModelRole,
} from '../../shared/models/models.ts'
import { readTextFile } from '../bytes/index.ts'
import { usingModels } from '../../shared/models/models-in-use.ts'
import { openCheckpoint, UNNAMED_TENSOR, type TensorView, type Weights } from '../checkpoint/index.ts'
import { damagedRoles } from './damaged.ts'
import { assumedSizes } from './gaps.ts'
import { matchModels, type Match } from './match.ts'
import { generatorNotes, matchGenerators } from './generators/match.ts'
import { generatorClassNames } from './generators/class-names.ts'
import { chooseGenerator, type GeneratorChoice } from './generators/choose.ts'
import { chooseTokenizer, type TokenizerChoice } from './generators/choose-tokenizer.ts'
import { imagenetClassNames } from './resources.ts'
import { ROLE_WORDS } from './words.ts'
import { GENERATORS } from '../models/generators/index.ts'
import type { GeneratorNetwork, Hints } from '../models/generators/generator.ts'
import { dinov2Tensors } from '../models/dinov2.ts'
import { modelTensors, type ModelTensors } from '../models/tensors.ts'
import { transformerConfig, type TransformerConfig } from '../models/transformer-config.ts'
import { readFinite } from './finite-tensor.ts'
import { foundPath, lookAt, type Scan } from './find-models.ts'
import { fileToSha256 } from './file-hash.ts'
import { fileStamp } from './walk.ts'
import { fairseqConfig } from './identify-transformer.ts'
import { contiguousTensors } from './tensor-cache.ts'
import { splitChoice } from './versions.ts'
import { parseClassNames } from './identify-text.ts'

/** One model of the set. `file.sha256` names the file it comes from. */
export interface OpenModel {
  readonly file: ModelFile
  /** By the names in the model's own code: `decoder.layers.0...`, `blocks.0...`, `quantize.embedding.weight`. */
  readonly tensors: ModelTensors
  /** Throws ModelError if the file is no longer the one that `file.sha256` names. */
  confirm(): Promise<void>
}
export interface OpenTransformer extends OpenModel {
  readonly config: TransformerConfig
}
export interface OpenEncoder extends OpenModel {
  /** Features are taken after block depth - layerFromEnd (`pretrained_enc_config.layer`, 3 in the release). */
  readonly layerFromEnd: number
}
export interface OpenCodebook extends OpenModel {
  readonly centroids: TensorView
  /** False: [codes, width] as in the .npy; true: [width, codes] as in a fairseq checkpoint. */
  readonly transposed: boolean
  readonly codes: number
  readonly width: number
}
export interface OpenVqgan extends OpenModel {
  /** Text of the VQGAN yaml; undefined if there is none, so that shapes are used. */
  readonly yaml: string | undefined
  /** Grid of the codes, if a generator has another than the published one. */
  readonly grid?: GridShape
}

/** A generator of another family than DiGIT. */
export interface OpenGenerator {
  readonly family: FamilyName
  readonly model: OpenModel
  readonly vqgan: OpenVqgan
  readonly network: GeneratorNetwork
  /** The sizes it was built with that no tensor says. */
  readonly hints: Hints
}

/** Result of `open` for each role. */
export interface OpenRoles {
  readonly encoder: OpenEncoder
  readonly codebook: OpenCodebook
  readonly stage1: OpenTransformer
  readonly stage1Class: OpenTransformer
  readonly stage2Ar: OpenTransformer
  readonly stage2Nar: OpenTransformer
  readonly vqAr: OpenTransformer
  readonly vqgan: OpenVqgan
}

export interface OpenModels {
  readonly modelSet: ModelSet
  /** Whether the set has this role. Throws ModelError if it may be in a file that cannot be used. */
  has(role: keyof OpenRoles): boolean
  /** Throws ModelError if the set lacks it, the file has changed, or centroids are not finite. */
  open<R extends keyof OpenRoles>(role: R): Promise<OpenRoles[R]>
  /** An encoder among the files that makes no tokens of the set, for features to compare images by. */
  openOtherEncoder(file: ModelFile): Promise<OpenModel>
  /** A generator of another family with its tokenizer. Throws ModelError or RequestError if it cannot be used. */
  generator(choice: GeneratorChoice): Promise<OpenGenerator>
  /** A VQGAN of the set, without a generator. Throws ModelError or RequestError if it cannot be used. */
  tokenizer(choice: TokenizerChoice): Promise<OpenVqgan>
  /** Closes every file that was opened. */
  close(): Promise<void>
}

/** The names of ImageNet are used for a model with this number of classes and no names. */
const IMAGENET_CLASSES = 1000
/** `pretrained_enc_config.layer` of the release, for checkpoints without that field. */
const LAYER_FROM_END = 3

/**
 * Scans files and folders, and reports what each file is and which fit together. A broken file does not stop
 * the scan.
 */
export async function importModels(paths: readonly string[], choose: ModelChoice = {}): Promise<ModelSet> {
  return (await usingModels(() => lookAndMatch(paths, choose))).modelSet
}

/** `importModels`, and a way to open each model of the set. */
export async function openModels(paths: readonly string[], choose: ModelChoice = {}): Promise<OpenModels> {
  const { modelSet, misfits, stamps } = await usingModels(() => lookAndMatch(paths, choose))
  const { files, set, damaged = {} } = modelSet
  const opened = new Map<string, Promise<Weights>>()
  const weightsOf = ({ path }: ModelFile): Promise<Weights> => {
    const weights = opened.get(path) ?? openCheckpoint(path)
    opened.set(path, weights)
    return weights
  }
  const fileOf = (role: ModelRole): ModelFile => {
    const file = files.find(({ id }) => id === set[role])
    if (file) return file
    const reason = misfits.get(role) ?? damaged[role]
    throw new ModelError(`no ${ROLE_WORDS[role]} in ${paths.join(', ')}${reason ? `: ${reason}` : ''}`)
  }
  const has = (role: ModelRole): boolean => {
    if (damaged[role] !== undefined) throw new ModelError(`${ROLE_WORDS[role]}: ${damaged[role]}`)
    return set[role] !== undefined
  }
  const open = (role: ModelRole) => openFile(fileOf(role))
  const openFile = async (file: ModelFile): Promise<OpenModel & { readonly weights: Weights }> => {
    let known = stamps.get(file.path)
    const confirm = async () => {
      // The weights of a deleted file stay as long as they are in use.
      const stamp = await fileStamp(file.path).catch(() => known)
      if (stamp === known) return
      if ((await fileToSha256(file.path)) !== fileHash(file.sha256))
        throw new ModelError(`${file.path}: changed since its sha256 was computed`)
      known = stamp
    }
    const weights = await weightsOf(file)
    await confirm()
    const tensors = await contiguousTensors(modelTensors(weights, file.prefix), file.sha256, file.prefix)
    return { file, weights, tensors, confirm }
  }
  const transformer = (role: ModelRole) => async (): Promise<OpenTransformer> => {
    const { weights, ...model } = await open(role)
    const config = transformerConfig(fairseqConfig(weights) ?? new Map(), model.tensors)
    return { ...model, config }
  }
  const layerFromEnd = (): number => {
    const layers = files.map(({ facts }) => facts.encoderLayer).filter((layer) => typeof layer === 'number')
    return layers[0] ?? LAYER_FROM_END
  }
  const openers: { readonly [R in keyof OpenRoles]: () => Promise<OpenRoles[R]> } = {
    stage1: transformer('stage1'),
    stage1Class: transformer('stage1Class'),
    stage2Ar: transformer('stage2Ar'),
    stage2Nar: transformer('stage2Nar'),
    vqAr: transformer('vqAr'),
    async encoder() {
      const { tensors, ...model } = await open('encoder')
      return { ...model, tensors: dinov2Tensors(tensors), layerFromEnd: layerFromEnd() }
    },
    async codebook() {
      const { weights, ...model } = await open('codebook')
      const { file } = model
      const name = file.prefix || UNNAMED_TENSOR
      const stored = weights.tensors.get(name)
      if (stored?.shape.length !== 2)
        throw new ModelError(`${file.path}: ${name} is no longer a 2-D array; the file has changed`)
      const alone = modelTensors({ path: file.path, tensors: new Map([[name, stored]]) })
      const centroids = (await contiguousTensors(alone, file.sha256, name)).get(name)
      await readFinite(centroids, file.path)
      const transposed = file.facts.transposed === true
      const [codes = 0, width = 0] = transposed ? [...centroids.shape].reverse() : centroids.shape
      return { ...model, centroids, transposed, codes, width }
    },
    async vqgan() {
      const model = await open('vqgan')
      const yaml = has('vqganConfig') ? await readTextFile(fileOf('vqganConfig').path) : undefined
      return { ...model, yaml }
    },
  }
  return {
    modelSet,
    has,
    open: (role) => openers[role](),
    async openOtherEncoder(file) {
      const { tensors, confirm } = await openFile(file)
      return { file, tensors: dinov2Tensors(tensors), confirm }
    },
    async generator(choice) {
      const { family } = choice
      const { generator, tokenizer, hints } = chooseGenerator(modelSet, choice)
      const model = await openFile(generator)
      const network = GENERATORS[family].network(model.tensors, hints)
      // The grids of scales are those of the tokenizer.
      const grid = network.order === 'scales' ? {} : { grid: gridOfCells(network.cells) }
      const vqgan = { ...(await openFile(tokenizer)), yaml: undefined, ...grid }
      return { family, model, vqgan, network, hints }
    },
    async tokenizer(choice) {
      const { file, grid } = chooseTokenizer(modelSet, choice)
      if (file.id === set.vqgan && !grid) return openers.vqgan()
      return { ...(await openFile(file)), yaml: undefined, ...(grid ? { grid } : {}) }
    },
    async close() {
      await Promise.allSettled([...opened.values()].map(async (weights) => (await weights).close()))
      opened.clear()
    },
  }
}

async function lookAndMatch(
  paths: readonly string[],
  choose: ModelChoice,
): Promise<{ modelSet: ModelSet; misfits: Match['misfits']; stamps: Scan['stamps'] }> {
  const chosen = Object.values(choose).filter((path) => path !== undefined)
  const named = await Promise.all(chosen.map(async (choice) => (await splitChoice(choice)).file))
  const scan = await lookAt([...paths, ...named])
  const { files, notes } = scan
  const match = matchModels(files, await asFound(choose, scan))
  const { names: classNames, notes: ofClasses } = await namesOfClasses(files, match)
  const damaged = damagedRoles(files, match.set)
  const generators = await withClassNames(matchGenerators(files), files, classNames)
  return {
    modelSet: {
      files,
      set: match.set,
      generators,
      damaged,
      notes: [...match.notes, ...generatorNotes(files, generators), ...notes, ...ofClasses],
      assumed: assumedSizes(match.set),
      classNames,
    },
    misfits: match.misfits,
    stamps: scan.stamps,
  }
}

/** Adds the names of the classes where they are not those of the set. */
const withClassNames = (
  generators: readonly MatchedGenerator[],
  files: readonly ModelFile[],
  ofSet: readonly string[],
): Promise<MatchedGenerator[]> =>
  Promise.all(
    generators.map(async (one) => {
      const { facts } = files.find(({ id }) => id === one.generator)!
      const classNames = await generatorClassNames(facts.classes, ofSet)
      return classNames === ofSet ? one : { ...one, classNames }
    }),
  )

/** A file that was found under another name keeps that name, because a link and its target are the same file. */
async function asFound(choose: ModelChoice, scan: Scan): Promise<ModelChoice> {
  const rows = Object.entries(choose).map(async ([role, choice]) => {
    const { file, prefix } = await splitChoice(choice)
    return [role, (await foundPath(file, scan)) + prefix] as const
  })
  return Object.fromEntries(await Promise.all(rows))
}

interface ClassNames {
  readonly names: readonly string[]
  readonly notes: readonly string[]
}

async function namesOfClasses(files: readonly ModelFile[], { set }: Match): Promise<ClassNames> {
  const byId = (id: string | undefined) => files.find((file) => file.id === id)
  const own = byId(set.classes)
  if (damagedRoles(files, set).classes !== undefined) return { names: [], notes: [] }
  if (own) return { names: parseClassNames(await readTextFile(own.path)) ?? [], notes: [] }
  const conditional = [byId(set.stage1Class), ...files.filter(({ kind }) => kind === 'generator')]
  if (!conditional.some((file) => file?.facts.classes === IMAGENET_CLASSES)) return { names: [], notes: [] }
  const notes = [`class names: ImageNet's, assumed for ${IMAGENET_CLASSES} classes without a classes.json`]
  return { names: await imagenetClassNames(), notes }
}
