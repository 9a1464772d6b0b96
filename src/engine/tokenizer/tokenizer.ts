// Pictures -> tokens (encoder and K-Means, or the VQGAN's encoder) and VQGAN codes -> pictures.
// B = batch, R = side of the VQGAN's images, S = side of the encoder's input.
import { ModelError } from '../../shared/errors.ts'
import { firstNotFinite } from '../../shared/finite.ts'
import type { RgbImage } from '../images/index.ts'
import { decodeImage, preprocess } from '../images/index.ts'
import { graphToOnnx, type Arithmetic } from '../graph/index.ts'
import { dinov2Config, dinov2Tokenizer } from '../models/dinov2.ts'
import { inferVqganConfig, vqganConfigFromYaml, withGrid, type VqganConfig } from '../models/vqgan-config.ts'
import { VQGAN_KINDS } from '../models/vqgan-kinds.ts'
import { codesOf, hasEncoder, vqganDecoder, vqganEncoder } from '../models/vqgan.ts'
import { openSession, tensor, type Provider, type Tensor } from '../session/index.ts'
import { readFinite } from '../model-set/finite-tensor.ts'
import type { OpenCodebook, OpenEncoder, OpenVqgan } from '../model-set/open-models.ts'
import { batchesThatFit, imagesAtOnce, inBatches } from '../devices/batches.ts'

/** Pictures decoded or encoded together: enough to keep the cores busy, few enough for the cache. */
const PICTURES_AT_ONCE = 4

export function vqganConfig({ yaml, tensors, file, grid }: OpenVqgan): VqganConfig {
  const config = yaml === undefined ? inferVqganConfig(tensors) : vqganConfigFromYaml(yaml, file.path)
  return grid ? withGrid(config, grid) : config
}

export interface PixelDecoder {
  /**
   * Pictures R x R of code grids [256] each; of VAR, all scales [680], of which those of codes below 0
   * add nothing. Throws ModelError for pixels that are not finite.
   * @param names of the images, for that error
   */
  decode(grids: readonly ArrayLike<number>[], names?: readonly string[]): Promise<RgbImage[]>
  close(): Promise<void>
}

export async function openPixelDecoder(
  vqgan: OpenVqgan,
  provider: Provider,
  arithmetic: Arithmetic = 'f32',
): Promise<PixelDecoder> {
  const config = vqganConfig(vqgan)
  const session = await openSession(graphToOnnx(vqganDecoder(vqgan.tensors, config, arithmetic)), {
    provider,
  })
  const { resolution: R } = config
  const atOnce = Math.min(PICTURES_AT_ONCE, imagesAtOnce(4 * config.ch * R * R))
  const inBatches = batchesThatFit()
  return {
    decode: (grids, names = numbered(grids.length)) =>
      inBatches(grids.length, atOnce, async (from, to) => {
        const codes = tensor(
          'i64',
          grids.slice(from, to).flatMap((grid) => Array.from(grid)),
          [to - from, codesOf(config)],
        )
        const { rgb, row_sums } = await session.run({ codes })
        const wrong = firstNotFinite(row_sums!.data as Float32Array)
        if (wrong >= 0)
          throw new ModelError(
            `${vqgan.file.path}: pixels of ${names[from + Math.floor(wrong / (3 * R))]}, row ${wrong % R}: ${NOT_FINITE}`,
          )
        return rows(rgb!.data as Uint8Array, to - from).map((rgb) => ({ rgb, width: R, height: R }))
      }),
    close: () => session.close(),
  }
}

const NOT_FINITE = 'not finite (the weights may contain NaN or infinity)'
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `picture ${i + 1} of ${count}`)

/** Tokens of a picture. Arrays [256] have one entry per cell, in raster order; of VAR [680], of all its scales. */
export interface PictureTokens {
  readonly tokens: Int32Array
  /** Squared L2 distance of each cell's feature to its centroid (code). */
  readonly distances: Float32Array
}

export interface Tokenizer {
  /** Pictures must be `size` x `size`. */
  readonly size: number
  /** Throws ModelError for features that are not finite. @param names of the pictures, for that error */
  tokens(pictures: readonly RgbImage[], names?: readonly string[]): Promise<PictureTokens[]>
  close(): Promise<void>
}

/** Features of a picture's patches, and their nearest tokens. */
export interface PatchTokens extends PictureTokens {
  /** [256, width] */
  readonly features: Float32Array
  readonly width: number
}

export interface PatchTokenizer extends Tokenizer {
  /** Pictures must be `size` x `size`. */
  patches(pictures: readonly RgbImage[]): Promise<PatchTokens[]>
}

/** Discriminative tokens: encoder features of pictures of side `size`, and their nearest centroids. */
export async function openTokenizer(
  encoder: OpenEncoder,
  codebook: OpenCodebook,
  size: number,
  provider: Provider,
  arithmetic: Arithmetic = 'f32',
): Promise<PatchTokenizer> {
  const graph = dinov2Tokenizer(
    encoder.tensors,
    { tensor: codebook.centroids, transposed: codebook.transposed, file: codebook.file.path },
    { size, layer: encoder.layerFromEnd },
    arithmetic,
  )
  const session = await openSession(graphToOnnx(graph), { provider })
  const atOnce = Math.min(
    PICTURES_AT_ONCE,
    imagesAtOnce(4 * dinov2Config(encoder.tensors).grid.cells * codebook.codes),
  )
  const { width } = codebook
  return {
    ...tokenizerOf(
      encoder.file.path,
      size,
      atOnce,
      async (pixels) => {
        const { tokens, distance } = await session.run({ pixels })
        return [tokens!, distance!]
      },
      () => session.close(),
    ),
    patches: (pictures) =>
      inBatches(pictures.length, atOnce, async (from, to) => {
        const { tokens, distance, features } = await session.run({
          pixels: picturesToPixels(pictures.slice(from, to), size),
        })
        const featureRows = rows(features!.data as Float32Array, to - from)
        checkDistances(distance!, encoder.file.path, numbered(pictures.length).slice(from, to))
        return tokenRows(tokens!, distance!, to - from).map((found, i) => ({
          ...found,
          features: featureRows[i]!,
          width,
        }))
      }),
  }
}

/** Throws ModelError if this VQGAN cannot encode pictures. */
export function checkEncoder(vqgan: OpenVqgan): void {
  if (!hasEncoder(vqgan.tensors))
    throw new ModelError(
      `${vqgan.file.path}: no encoder (this ${VQGAN_KINDS[vqganConfig(vqgan).kind].title} has a decoder only: it makes pictures of codes, no codes of pictures)`,
    )
}

/** Codes of the VQGAN. */
export async function openVqTokenizer(
  vqgan: OpenVqgan,
  provider: Provider,
  arithmetic: Arithmetic = 'f32',
): Promise<Tokenizer> {
  checkEncoder(vqgan)
  const config = vqganConfig(vqgan)
  await readFinite(vqgan.tensors.get('quantize.embedding.weight'), vqgan.file.path)
  const session = await openSession(graphToOnnx(vqganEncoder(vqgan.tensors, config, arithmetic)), {
    provider,
  })
  return tokenizerOf(
    vqgan.file.path,
    config.resolution,
    PICTURES_AT_ONCE,
    async (pixels) => {
      const { codes, distance } = await session.run({ pixels })
      return [codes!, distance!]
    },
    () => session.close(),
  )
}

function tokenizerOf(
  file: string,
  size: number,
  atOnce: number,
  run: (pixels: Tensor) => Promise<[Tensor, Tensor]>,
  close: () => Promise<void>,
): Tokenizer {
  return {
    size,
    tokens: (pictures, names = numbered(pictures.length)) =>
      inBatches(pictures.length, atOnce, async (from, to) => {
        const [tokens, distances] = await run(picturesToPixels(pictures.slice(from, to), size))
        checkDistances(distances, file, names.slice(from, to))
        return tokenRows(tokens, distances, to - from)
      }),
    close,
  }
}

/** A distance is a sum over the features of its cell, and not finite if one of them is not: their token would be any. */
function checkDistances({ data }: Tensor, file: string, names: readonly string[]): void {
  const wrong = firstNotFinite(data as Float32Array)
  if (wrong < 0) return
  const cells = data.length / names.length
  throw new ModelError(
    `${file}: features of ${names[Math.floor(wrong / cells)]}, cell ${wrong % cells}: ${NOT_FINITE}`,
  )
}

function tokenRows(tokens: Tensor, distances: Tensor, count: number): PictureTokens[] {
  const distanceRows = rows(distances.data as Float32Array, count)
  return rows(tokens.data as BigInt64Array, count).map((row, i) => ({
    tokens: Int32Array.from(row, Number),
    distances: distanceRows[i]!,
  }))
}

/** RGB pictures of side S -> f32 [B, 3, S, S] in 0..1. */
export function picturesToPixels(pictures: readonly RgbImage[], size: number): Tensor {
  const area = size * size
  const pixels = new Float32Array(pictures.length * 3 * area)
  pictures.forEach(({ rgb }, b) => {
    for (let i = 0; i < area; i++)
      for (let channel = 0; channel < 3; channel++)
        pixels[(b * 3 + channel) * area + i] = rgb[i * 3 + channel]! / 255
  })
  return tensor('f32', pixels, [pictures.length, 3, size, size])
}

/** A picture file prepared as in the release: short side resized to `size`, centre crop. */
export async function readPicture(path: string, size: number): Promise<RgbImage> {
  return preprocess(await decodeImage(path, path), size)
}

/** The rows of an array [count, ...], copied. */
function rows<T extends Uint8Array | Float32Array | BigInt64Array>(values: T, count: number): T[] {
  const length = values.length / count
  return Array.from({ length: count }, (_, i) => values.slice(i * length, (i + 1) * length) as T)
}
