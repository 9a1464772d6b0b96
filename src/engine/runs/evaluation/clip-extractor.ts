// CLIP's image tower as a feature extractor: OpenAI's archive, or another file with its configuration beside it.
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { ModelError, RequestError } from '../../../shared/errors.ts'
import type { ModelFile } from '../../../shared/models/models.ts'
import { openCheckpoint } from '../../checkpoint/index.ts'
import { graphToOnnx } from '../../graph/index.ts'
import { preprocess } from '../../images/index.ts'
import {
  CLIP_MEAN,
  CLIP_STD,
  clipConfig,
  clipEmbedding,
  clipName,
  type ClipActivation,
} from '../../models/clip.ts'
import { modelTensors } from '../../models/tensors.ts'
import { lookAt } from '../../model-set/find-models.ts'
import { isUsable } from '../../model-set/match.ts'
import { contiguousTensors } from '../../model-set/tensor-cache.ts'
import { readJsonFile } from '../../records/json-file.ts'
import { openSession, type Provider } from '../../session/index.ts'
import { picturesToPixels } from '../../tokenizer/tokenizer.ts'
import type { Extractor } from './extractor.ts'

const isClip = ({ kind }: ModelFile) => kind === 'clip'

/** A file without a problem is preferred. */
export function clipAmong(files: readonly ModelFile[]): ModelFile | undefined {
  const open = files.filter(isClip)
  return open.find((file) => isUsable(file, files)) ?? open[0]
}

/** Throws ModelError for a file that is not a CLIP, RequestError if there is none. */
export async function findClip(open: readonly ModelFile[], asked?: string): Promise<ModelFile> {
  const files = asked === undefined ? open : (await lookAt([asked])).files
  const found = clipAmong(files)
  if (!found && asked !== undefined)
    throw new ModelError(`${asked}: ${files[0]?.problem ?? 'not a CLIP with a vision transformer'}`)
  if (!found)
    throw new RequestError(
      'this protocol requires CLIP: put ViT-B-32.pt or ViT-L-14-336px.pt of OpenAI next to the models, or pass --clip FILE',
    )
  if (found.problem) throw new ModelError(`${found.path}: ${found.problem}`)
  return found
}

const numbers = z.array(z.number()).length(3)
/** What is used of `open_clip_config.json`. */
const OpenClipSchema = z.looseObject({
  model_cfg: z.looseObject({ quick_gelu: z.boolean().optional() }),
  preprocess_cfg: z.looseObject({ mean: numbers.optional(), std: numbers.optional() }).optional(),
})
/** What is used of transformers' `config.json`, of the whole model or of its image tower. */
const TransformersSchema = z.looseObject({
  hidden_act: z.string().optional(),
  vision_config: z.looseObject({ hidden_act: z.string().optional() }).optional(),
})
const PreprocessorSchema = z.looseObject({ image_mean: numbers.optional(), image_std: numbers.optional() })

interface Settings {
  readonly activation: ClipActivation
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/**
 * What decides the embeddings and is not in the tensors. Throws ModelError if no file says which activation a model has:
 * with the other one, embeddings are wrong without looking so.
 */
async function settingsOf({ path, facts }: ModelFile): Promise<Settings> {
  const usual = { mean: CLIP_MEAN, std: CLIP_STD }
  if (facts.isArchive === true) return { activation: 'quick_gelu', ...usual }
  const beside = (name: string) => join(dirname(path), name)
  const openClip = await readJsonFile(beside('open_clip_config.json'), OpenClipSchema)
  if (openClip) {
    const { model_cfg, preprocess_cfg } = openClip
    const activation = model_cfg.quick_gelu === true ? 'quick_gelu' : 'gelu'
    return {
      activation,
      mean: preprocess_cfg?.mean ?? usual.mean,
      std: preprocess_cfg?.std ?? usual.std,
    }
  }
  const config = await readJsonFile(beside('config.json'), TransformersSchema)
  // The default of CLIPVisionConfig.
  const act = config && (config.vision_config?.hidden_act ?? config.hidden_act ?? 'quick_gelu')
  if (act === undefined)
    throw new ModelError(
      `${path}: unknown activation (expected open_clip_config.json or config.json beside it, or OpenAI's .pt archive)`,
    )
  if (act !== 'quick_gelu' && act !== 'gelu')
    throw new ModelError(
      `${beside('config.json')}: unsupported hidden_act (found ${act}, expected quick_gelu or gelu)`,
    )
  const processor = await readJsonFile(beside('preprocessor_config.json'), PreprocessorSchema)
  return {
    activation: act,
    mean: processor?.image_mean ?? usual.mean,
    std: processor?.image_std ?? usual.std,
  }
}

export async function openClip(file: ModelFile, provider: Provider): Promise<Extractor> {
  const settings = await settingsOf(file)
  const weights = await openCheckpoint(file.path)
  try {
    const tensors = await contiguousTensors(modelTensors(weights, file.prefix), file.sha256, file.prefix)
    const config = clipConfig(tensors)
    const { side, embedding } = config
    const session = await openSession(graphToOnnx(clipEmbedding(tensors, settings.activation, settings)), {
      provider,
    })
    return {
      name: 'clip',
      file: basename(file.path),
      sha256: file.sha256,
      network: `CLIP ${clipName(config)}`,
      isTokenizer: false,
      layers: { features: embedding },
      input: `uint8, PIL bicubic and centre crop to ${side}, / 255, mean ${words(settings.mean)}, deviation ${words(settings.std)}; ${settings.activation}; image embedding`,
      async extract(images) {
        const sized = images.map((image) => preprocess(image, side))
        const { features } = await session.run({ pixels: picturesToPixels(sized, side) })
        return { features: features!.data as Float32Array }
      },
      async close() {
        await session.close()
        await weights.close()
      },
    }
  } catch (error) {
    await weights.close()
    throw error
  }
}

const words = (values: readonly number[]) => values.map((value) => Number(value.toFixed(4))).join(' ')
