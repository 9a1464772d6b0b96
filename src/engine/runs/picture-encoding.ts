// What pictures are encoded to: DiGIT's tokens, with the codes of its VQGAN, or the codes of another generator's tokenizer.
import type { TokenizerSpec, TokenizeSpec } from '../../shared/run/run.ts'
import { arithmeticOf, chooseBits } from '../devices/precision.ts'
import type { RgbImage } from '../images/index.ts'
import type { OpenModels } from '../model-set/open-models.ts'
import { codeLayers } from '../models/vqgan.ts'
import type { DatasetRecord } from '../records/token-dataset.ts'
import type { Provider } from '../session/index.ts'
import { checkEncoder, openTokenizer, openVqTokenizer, vqganConfig } from '../tokenizer/tokenizer.ts'
import { codesToRow, type TokenRow } from '../tokens/dataset/rows.ts'
import { openCodeTokenizer } from './code-tokenizer.ts'

/** Side of the encoder's pictures if there is no VQGAN, as in the release. */
export const RELEASE_SIZE = 256

/** The grids of a picture. */
type Grids = Pick<TokenRow, 'discriminative' | 'codes' | 'scales'>

export interface PictureEncoding {
  /** Side of the pictures in pixels. */
  readonly size: number
  /** The networks, as a record names them. */
  readonly recipe: object
  readonly vocabulary: DatasetRecord['vocabulary']
  open(): Promise<PictureEncoder>
}

export interface PictureEncoder {
  /** @param names of the pictures, for errors */
  encode(pictures: readonly RgbImage[], names: readonly string[]): Promise<Grids[]>
  close(): Promise<void>
}

/** Throws ModelError or RequestError before anything is written if the models cannot encode. */
export const pictureEncoding = (
  spec: TokenizeSpec,
  models: OpenModels,
  provider: Provider,
): Promise<PictureEncoding> =>
  spec.tokenizer
    ? ofTokenizer(spec.tokenizer, spec.weightBits, models, provider)
    : ofDigit(spec, models, provider)

async function ofDigit(spec: TokenizeSpec, models: OpenModels, provider: Provider): Promise<PictureEncoding> {
  const arithmetic = arithmeticOf(await chooseBits(spec.weightBits, provider), provider)
  const encoder = await models.open('encoder')
  const codebook = await models.open('codebook')
  const vqgan = models.has('vqgan') ? await models.open('vqgan') : undefined
  const withCodes = spec.codes === false ? undefined : vqgan
  if (withCodes) checkEncoder(withCodes)
  const size = vqgan ? vqganConfig(vqgan).resolution : RELEASE_SIZE
  return {
    size,
    recipe: {
      encoder: encoder.file.sha256,
      layer: encoder.layerFromEnd,
      codebook: codebook.file.sha256,
      ...(withCodes ? { vqgan: withCodes.file.sha256 } : {}),
      ...(arithmetic === 'f32' ? {} : { weightBits: 16 }),
    },
    vocabulary: {
      discriminative: codebook.codes,
      ...(withCodes ? { codes: vqganConfig(withCodes).codes } : {}),
    },
    async open() {
      const tokenizer = await openTokenizer(encoder, codebook, size, provider, arithmetic)
      const vqTokenizer = withCodes && (await openVqTokenizer(withCodes, provider, arithmetic))
      return {
        async encode(pictures, names) {
          const discriminative = await tokenizer.tokens(pictures, names)
          const codes = await vqTokenizer?.tokens(pictures, names)
          return discriminative.map((tokens, i) => ({
            discriminative: tokens,
            ...(codes ? { codes: codes[i]! } : {}),
          }))
        },
        async close() {
          await tokenizer.close()
          await vqTokenizer?.close()
        },
      }
    },
  }
}

async function ofTokenizer(
  tokenizer: TokenizerSpec,
  weightBits: TokenizeSpec['weightBits'],
  models: OpenModels,
  provider: Provider,
): Promise<PictureEncoding> {
  const { vqgan, config } = await openCodeTokenizer(tokenizer, weightBits, models)
  checkEncoder(vqgan)
  return {
    size: config.resolution,
    recipe: { vqgan: vqgan.file.sha256 },
    vocabulary: { codes: config.codes },
    async open() {
      const network = await openVqTokenizer(vqgan, provider)
      return {
        encode: async (pictures, names) =>
          (await network.tokens(pictures, names)).map((codes) => codesToRow(codes, codeLayers(config))),
        close: () => network.close(),
      }
    },
  }
}
