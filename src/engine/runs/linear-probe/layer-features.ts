// Pictures -> the mean states of every stage-1 layer on disk. A stopped probe resumes where it stopped. Source:
// fairseq_user of the DiGIT release: Resize(256), CenterCrop(224), no second resize.
import { ModelError } from '../../../shared/errors.ts'
import { firstNotFinite } from '../../../shared/finite.ts'
import { decodeImage, preprocess } from '../../images/index.ts'
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

const IMAGES_AT_ONCE = 8
/** The encoder of the release reads 224 of the 256 pixels of the short side; other encoders read all pixels. */
const RELEASE = { side: 224, resize: 256 }

export interface ProbedModels {
  readonly encoder: OpenEncoder
  readonly codebook: OpenCodebook
  readonly stage1: OpenTransformer
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
  const { encoder, codebook, stage1 } = models
  const { grid, patch } = dinov2Config(encoder.tensors)
  const side = grid.side * patch
  const resize = side === RELEASE.side ? RELEASE.resize : side
  const { layers, dim } = stage1.config
  const width = (layers + 1) * dim
  const file = await openRowFile(path, 'f32', pictures.length, width)
  try {
    if (file.rows === pictures.length) return file
    await scope(async (keep) => {
      const tokenizer = keep(await openTokenizer(encoder, codebook, side, provider))
      const session = keep(await openSession(graphToOnnx(layerMeansGraph(stage1)), { provider }))
      for (let from = file.rows; from < pictures.length; from += IMAGES_AT_ONCE) {
        signal.throwIfAborted()
        progress(from, pictures.length, 'features of every layer')
        const batch = pictures.slice(from, from + IMAGES_AT_ONCE)
        const images = await Promise.all(
          batch.map(async (picture) => preprocess(await decodeImage(picture), resize, side)),
        )
        const grids = await tokenizer.tokens(images, batch)
        const ids = grids.flatMap(({ tokens }) => [EOS, ...Array.from(tokens, (token) => token + SPECIALS)])
        const { means } = await session.run({
          ids: tensor('i64', ids, [batch.length, probePositions(stage1.config)]),
        })
        const values = means!.data as Float32Array
        const wrong = firstNotFinite(values)
        if (wrong >= 0)
          throw new ModelError(
            `${stage1.file.path}: states of ${batch[Math.floor(wrong / width)]}, layer ${Math.floor((wrong % width) / dim)}: not finite (the weights may contain NaN or infinity)`,
          )
        await file.append(values)
      }
    })
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}
