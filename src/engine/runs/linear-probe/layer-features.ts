// Pictures -> the mean states of every stage-1 layer on disk. A stopped probe resumes where it stopped. Source:
// fairseq_user of the DiGIT release: Resize(256), CenterCrop(224), no second resize.
import { ModelError } from '../../../shared/errors.ts'
import { firstNotFinite } from '../../../shared/finite.ts'
import { decodeImage, preprocess, type RgbImage } from '../../images/index.ts'
import { graphToOnnx } from '../../graph/index.ts'
import { dinov2Config } from '../../models/dinov2.ts'
import { layerMeansGraph, probePositions } from '../../models/layer-means.ts'
import { EOS, SPECIALS } from '../../models/transformer-config.ts'
import { openSession, tensor, type Provider } from '../../session/index.ts'
import { scope } from '../../devices/scope.ts'
import { openRowFile, type RowFile } from '../../records/row-file.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import type { OpenCodebook, OpenEncoder, OpenTransformer } from '../../model-set/open-models.ts'
import { openTokenizer } from '../../tokenizer/tokenizer.ts'

export const IMAGES_AT_ONCE = 8
/** The encoder of the release reads 224 of the 256 pixels of the short side; other encoders read all pixels. */
const RELEASE = { side: 224, resize: 256 }

export interface ProbedModels {
  readonly encoder: OpenEncoder
  readonly codebook: OpenCodebook
  readonly stage1: OpenTransformer
}

/** Sides of pictures as the release reads them, before and after the crop for testing; of a training picture the first. */
export function probedSides(encoder: OpenEncoder): { readonly resize: number; readonly side: number } {
  const { grid, patch } = dinov2Config(encoder.tensors)
  const side = grid.side * patch
  return { resize: side === RELEASE.side ? RELEASE.resize : side, side }
}

export interface LayerMeans {
  /** f32 [pictures, (layers + 1) C]: layer after layer. Throws ModelError for states that are not finite. */
  of(pictures: readonly RgbImage[], names: readonly string[]): Promise<Float32Array>
  close(): Promise<void>
}

/** Of pictures with this side; another side than the encoder's is resized within the network. */
export async function openLayerMeans(
  { encoder, codebook, stage1 }: ProbedModels,
  side: number,
  provider: Provider,
): Promise<LayerMeans> {
  const { layers, dim } = stage1.config
  const width = (layers + 1) * dim
  const tokenizer = await openTokenizer(encoder, codebook, side, provider)
  const session = await openSession(graphToOnnx(layerMeansGraph(stage1)), { provider })
  return {
    async of(pictures, names) {
      const grids = await tokenizer.tokens(pictures, names)
      const ids = grids.flatMap(({ tokens }) => [EOS, ...Array.from(tokens, (token) => token + SPECIALS)])
      const { means } = await session.run({
        ids: tensor('i64', ids, [pictures.length, probePositions(stage1.config)]),
      })
      const values = means!.data as Float32Array
      const wrong = firstNotFinite(values)
      if (wrong >= 0)
        throw new ModelError(
          `${stage1.file.path}: states of ${names[Math.floor(wrong / width)]}, layer ${Math.floor((wrong % width) / dim)}: not finite (the weights may contain NaN or infinity)`,
        )
      return values
    },
    async close() {
      await tokenizer.close()
      await session.close()
    },
  }
}

/**
 * Writes rows [pictures, (layers + 1) C] to `path`; the caller closes the file. Throws FormatError for an unreadable
 * picture.
 */
export async function writeLayerFeatures(
  path: string,
  pictures: readonly string[],
  models: ProbedModels,
  provider: Provider,
  { signal, progress }: Pick<RunCallbacks, 'signal' | 'progress'>,
): Promise<RowFile> {
  const { resize, side } = probedSides(models.encoder)
  const { layers, dim } = models.stage1.config
  const file = await openRowFile(path, 'f32', pictures.length, (layers + 1) * dim)
  try {
    if (file.rows === pictures.length) return file
    await scope(async (keep) => {
      const means = keep(await openLayerMeans(models, side, provider))
      for (let from = file.rows; from < pictures.length; from += IMAGES_AT_ONCE) {
        signal.throwIfAborted()
        progress(from, pictures.length, 'features of every layer')
        const batch = pictures.slice(from, from + IMAGES_AT_ONCE)
        const images = await Promise.all(
          batch.map(async (picture) => preprocess(await decodeImage(picture), resize, side)),
        )
        await file.append(await means.of(images, batch))
      }
    })
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}
