// A seed -> images of a generator of another family than DiGIT: it draws codes, its tokenizer decodes them to pixels.
import { ModelError, RequestError } from '../../shared/errors.ts'
import { FAMILIES, settingsOf, settingWords } from '../../shared/generators/families.ts'
import type { GeneratorSpec, SampleSpec } from '../../shared/run/run.ts'
import { layersOf } from '../models/generators/index.ts'
import { splitLayers } from '../tokens/grid.ts'
import { noiseOf } from '../decoding/generators/decoder.ts'
import type { RunResult } from '../devices/callbacks.ts'
import { checkMemory } from '../devices/memory.ts'
import { onlyFloat32 } from '../devices/precision.ts'
import { chooseRunDevice } from './cards/run-device.ts'
import type { Keep } from '../devices/scope.ts'
import { openModels } from '../model-set/open-models.ts'
import type { OpenGenerator } from '../model-set/open-models.ts'
import type { GeneratorRecipe, Recipe } from '../records/image-record.ts'
import { pinnedHash } from '../decoding/pinned.ts'
import { runImages, type ImageCallbacks } from './image-run.ts'
import { captionOf, jobsOf, namedClasses } from './jobs.ts'
import { runNetworks, weightBytes } from './run-networks.ts'
import { vqganConfig } from '../tokenizer/tokenizer.ts'

export async function sampleGenerator(
  spec: SampleSpec & { readonly generator: GeneratorSpec },
  callbacks: ImageCallbacks,
  keep: Keep,
): Promise<RunResult> {
  const { family } = spec.generator
  const { title } = FAMILIES[family]
  refuseOfDigit(spec, title)
  callbacks.progress(0, 1, 'scanning models')
  const models = keep(await openModels([spec.model, ...(spec.generatorFiles ?? [])], spec.choose))
  const { device, cards } = await chooseRunDevice(spec.device)
  const { provider } = device
  const open = await models.generator(choiceOf(spec.generator))
  const { network, model, vqgan } = open
  const settings = settingsOf(family, spec.generator.settings, Number(model.file.facts.width))
  if (provider === 'cpu') checkMemory(model.file.path, weightBytes(model))
  checkClasses(spec.classes, open, title)
  checkPinned(spec, open)
  const { modelSet } = models
  const match = modelSet.generators.find(({ generator }) => generator === model.file.id)
  const classNames = match?.classNames ?? modelSet.classNames
  const pinned = pinnedHash(spec.pinned, network.cells)
  return runImages(
    {
      spec,
      jobs: jobsOf(spec),
      shard: spec,
      device,
      cards,
      ...namedClasses(spec, classNames),
      models: { generator: model, vqgan },
      codebooks: { codes: vqganConfig(vqgan).codes },
      recipe: {
        seed: spec.seed,
        generator: recipeOf(open, settings),
        vqgan: vqgan.file.sha256,
        weightBits: 32,
        provider,
        ...(pinned === undefined ? {} : { pinned }),
      } satisfies Recipe,
      async networks() {
        callbacks.progress(0, 1, `loading networks on ${provider}`)
        const networks = runNetworks(callbacks, keep, provider)
        const generator = await networks.generator(open)
        return {
          pixels: await networks.pixels(vqgan),
          async make(batch, report) {
            const images = batch.map(({ image, class: label }) => ({
              image,
              label: network.classes > 0 ? (label ?? null) : null,
              noise: noiseOf(spec.seed, image, network.cells),
              pinned: spec.pinned?.[image % spec.pinned.length]?.codes,
            }))
            const grids = await generator.draw(images, settings, {
              signal: callbacks.signal,
              turn: callbacks.turn,
              onShare: (share) => report(title, share),
              onGrids: (done, images) => callbacks.preview?.({ stage: 'codes', done, images }),
            })
            return grids.map((grid) => splitLayers(grid, layersOf(network)))
          },
        }
      },
      index: {
        title: [title, ...settingWords(family, settings), `seed ${spec.seed}`].join(' · '),
        caption: (job) => captionOf(job, classNames),
      },
    },
    callbacks,
  )
}

const choiceOf = ({ family, file, heads, side }: GeneratorSpec) => ({
  family,
  ...(file === undefined ? {} : { file }),
  ...(heads === undefined ? {} : { heads }),
  ...(side === undefined ? {} : { side }),
})

function recipeOf(
  { family, model, hints: { heads, side } }: OpenGenerator,
  settings: GeneratorRecipe['settings'],
): GeneratorRecipe {
  return {
    family,
    sha256: model.file.sha256,
    ...(heads === undefined ? {} : { heads }),
    ...(side === undefined ? {} : { side }),
    settings,
  }
}

/** What only DiGIT has, so that it is not silently ignored. */
function refuseOfDigit(
  { weightBits, commonNoise, stage1Noise, pinned = [] }: SampleSpec,
  title: string,
): void {
  onlyFloat32(weightBits, title)
  if (commonNoise !== undefined)
    throw new RequestError(`commonNoise: not available, ${title} has no second stage`)
  if (stage1Noise !== undefined) throw new RequestError(`stage1Noise: not available for ${title}`)
  if (pinned.some(({ discriminative }) => discriminative?.some((token) => token >= 0)))
    throw new RequestError(
      `pinned: discriminative tokens cannot be used (${title} draws VQGAN codes directly)`,
    )
}

function checkClasses(classes: readonly number[], { network, model }: OpenGenerator, title: string): void {
  const { path } = model.file
  if (network.classes === 0 && classes.length > 0)
    throw new RequestError(`${path}: classes cannot be used (this ${title} is unconditional)`)
  if (network.classes > 0 && classes.length === 0)
    throw new RequestError(
      `${path}: a class is needed (this ${title} is class-conditional, classes 0 to ${network.classes - 1})`,
    )
  const odd = classes.find((label) => label >= network.classes)
  if (odd !== undefined)
    throw new ModelError(`${path}: class out of range (found ${odd}, expected 0 to ${network.classes - 1})`)
}

function checkPinned({ pinned = [] }: SampleSpec, { network, model }: OpenGenerator): void {
  for (const [i, { codes = [] }] of pinned.entries()) {
    if (codes.length > 0 && codes.length !== network.cells)
      throw new RequestError(
        `pinned[${i}].codes: wrong number of tokens (found ${codes.length}, expected ${network.cells})`,
      )
    const odd = codes.find((token) => token >= network.vocabulary)
    if (odd !== undefined)
      throw new ModelError(
        `${model.file.path}: pinned[${i}].codes: token out of range (found ${odd}, expected 0 to ${network.vocabulary - 1})`,
      )
  }
}
