// The feature extractors: Inception-v3 from the user's file, DINOv2 from the model set.
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { access } from 'node:fs/promises'
import { ModelError, RequestError } from '../../../shared/errors.ts'
import { encoderName, isFdDinov2Encoder, type EncoderSizes } from '../../../shared/evaluation/network-name.ts'
import type { ModelFile, ModelSet } from '../../../shared/models/models.ts'
import { openCheckpoint } from '../../checkpoint/index.ts'
import { graphToOnnx } from '../../graph/index.ts'
import { preprocess, type RgbImage } from '../../images/index.ts'
import type { ExtractorName } from '../../metrics/index.ts'
import { dinov2ClassToken, dinov2Config } from '../../models/dinov2.ts'
import { INCEPTION_WIDTHS, inceptionFeatures } from '../../models/inception/inception.ts'
import { modelTensors } from '../../models/tensors.ts'
import { openSession, tensor, type Provider, type Session } from '../../session/index.ts'
import { isUsable } from '../../model-set/match.ts'
import type { OpenModels } from '../../model-set/open-models.ts'
import { lookAt } from '../../model-set/find-models.ts'
import { picturesToPixels } from '../../tokenizer/tokenizer.ts'

/** Features by name, each with one row per image. */
export type Layers = Readonly<Record<string, number>>

export interface Extractor {
  readonly name: ExtractorName
  readonly file: string
  readonly sha256: string
  /** `DINOv2 ViT-B/14 reg`. */
  readonly network: string
  /** The tokens are made from features of this network. */
  readonly isTokenizer: boolean
  /** Width of each layer; `features` is always present. */
  readonly layers: Layers
  /** For the stamp: how an image becomes the input of the network. */
  readonly input: string
  /** Rows [images, width] of each layer. All images must have one size. */
  extract(images: readonly RgbImage[]): Promise<Readonly<Record<string, Float32Array>>>
  close(): Promise<void>
}

/** To be increased when the features of the same file and images change. */
export const EXTRACTOR_VERSION = 2
/** Images whose activations fit into about 300 MB. */
export const IMAGES_AT_ONCE = 8

const isInception = ({ kind }: ModelFile) => kind === 'inception'

/**
 * Among the models, otherwise in the download folder of torch, where torch-fidelity and pytorch-fid store it. A file
 * with a problem is returned if all have one.
 */
export async function inceptionAmong(files: readonly ModelFile[]): Promise<ModelFile | undefined> {
  const open = files.filter(isInception)
  return open.find((file) => isUsable(file, files)) ?? (await inTorchCache()) ?? open[0]
}

export async function findInception(models: OpenModels, asked?: string): Promise<ModelFile> {
  const files = asked === undefined ? models.modelSet.files : (await lookAt([asked])).files
  const found = asked === undefined ? await inceptionAmong(files) : files.find(isInception)
  const unreadable = files.find(({ facts }) => facts.unreadable === true)
  if (!found && asked !== undefined)
    throw new ModelError(`${asked}: ${unreadable?.problem ?? 'not the Inception-v3 used for FID'}`)
  if (!found)
    throw new RequestError(
      'this protocol requires weights-inception-2015-12-05-6726825d.pth: put it next to the models, pass --inception FILE, or use --protocol dinov2' +
        (unreadable ? `; ${unreadable.path} cannot be used: ${unreadable.problem}` : ''),
    )
  if (found.problem) throw new ModelError(`${found.path}: ${found.problem}`)
  return found
}

async function inTorchCache(): Promise<ModelFile | undefined> {
  const home =
    process.env.TORCH_HOME ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'torch')
  for (const name of ['weights', 'pt'].map((start) => `${start}_inception-2015-12-05-6726825d.pth`)) {
    for (const file of [name, name.replace('_', '-')].map((name) => join(home, 'hub', 'checkpoints', name))) {
      const there = await access(file).then(
        () => true,
        () => false,
      )
      if (!there) continue
      const { files } = await lookAt([file])
      return files.find(isInception) ?? files.find(({ problem }) => problem !== undefined)
    }
  }
  return undefined
}

export async function openInception(file: ModelFile, provider: Provider): Promise<Extractor> {
  const weights = await openCheckpoint(file.path)
  const tensors = modelTensors(weights, file.prefix)
  let session: { readonly of: Session; readonly width: number; readonly height: number } | undefined
  return {
    name: 'inception',
    file: basename(file.path),
    sha256: file.sha256,
    network: 'Inception-v3',
    isTokenizer: false,
    layers: {
      features: INCEPTION_WIDTHS.features,
      logits: INCEPTION_WIDTHS.logits,
      spatial: INCEPTION_WIDTHS.spatial,
    },
    input: 'uint8, bilinear of TensorFlow 1 to 299, (x - 128) / 128',
    async extract(images) {
      const [{ width, height }] = images as [RgbImage]
      if (session?.width !== width || session.height !== height) {
        await session?.of.close()
        const model = graphToOnnx(inceptionFeatures(tensors, { width, height }))
        session = { of: await openSession(model, { provider }), width, height }
      }
      const rgb = new Uint8Array(images.length * height * width * 3)
      images.forEach((image, i) => rgb.set(image.rgb, i * height * width * 3))
      const found = await session.of.run({ rgb: tensor('u8', rgb, [images.length, height, width, 3]) })
      const values = (output: string) => found[output]!.data as Float32Array
      return { features: values('features'), logits: values('logits_unbiased'), spatial: values('spatial') }
    },
    async close() {
      await session?.of.close()
      await weights.close()
    },
  }
}

/** The network of FD-DINOv2 where it is open, else the encoder of the tokens. */
export function encoderAmong({ files, set }: ModelSet): ModelFile | undefined {
  const own = files.find(
    (file) => file.kind === 'encoder' && isUsable(file, files) && isFdDinov2Encoder(encoderSizes(file)),
  )
  return own ?? files.find(({ id }) => id === set.encoder)
}

const encoderSizes = ({ facts }: ModelFile): EncoderSizes => ({
  width: Number(facts.width),
  depth: Number(facts.depth),
  patch: Number(facts.patch),
  registers: Number(facts.registers),
})

export async function openDinov2(models: OpenModels, provider: Provider): Promise<Extractor> {
  const { files, set } = models.modelSet
  const found = encoderAmong(models.modelSet)
  const isOther = found !== undefined && found.id !== set.encoder
  const { file, tensors } = isOther ? await models.openOtherEncoder(found) : await models.open('encoder')
  const { width, patch, grid } = dinov2Config(tensors)
  const side = grid.side * patch
  const session = await openSession(graphToOnnx(dinov2ClassToken(tensors)), { provider })
  return {
    name: 'dinov2',
    file: basename(file.path),
    sha256: file.sha256,
    network: encoderName(encoderSizes(file)),
    isTokenizer: file.sha256 === files.find(({ id }) => id === set.encoder)?.sha256,
    layers: { features: width },
    input: `uint8, PIL bicubic and centre crop to ${side}, / 255, ImageNet mean and deviation; class token of the last block`,
    async extract(images) {
      const sized = images.map((image) => preprocess(image, side))
      const { features } = await session.run({ pixels: picturesToPixels(sized, side) })
      return { features: features!.data as Float32Array }
    },
    close: () => session.close(),
  }
}
