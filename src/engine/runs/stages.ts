// An opened model set -> the stages a recipe chains: discriminative tokens, VQGAN codes, pixels.
// Batches are split so that no tensor comes near the largest allocation every host survives.
import { ModelError } from '../../shared/errors.ts'
import type { MaskedDecoding, Sampling } from '../../shared/run.ts'
import { EOS, GRID_TOKENS, SPECIALS, type TransformerConfig } from '../models/transformer-config.ts'
import type { TransformerModel } from '../models/transformer-graphs.ts'
import { MAX_ALLOCATION_BYTES, type Provider } from '../session/index.ts'
import type { DrawnGrid } from '../tokens/grid.ts'
import type { StreamUse } from '../tokens/random.ts'
import { openChunkDecoder, openStepDecoder, type DecodeOptions, type Decoder } from './autoregressive.ts'
import type { GridsPreview } from './hooks.ts'
import type { OpenTransformer } from './import.ts'
import { openMaskedDecoder, type MaskedDecodeOptions } from './masked.ts'
import { quantisedLinear } from './quantise.ts'

/** One image of a run: where its random numbers come from. */
export interface ImageStream {
  readonly seed: number
  readonly image: number
}

/** What a stage tells while it works: the share of it that is done, from 0 to 1. */
export interface StageHooks {
  readonly signal: AbortSignal
  onShare(share: number): void
  /** Tokens every grid at work has so far, and the grids with -1 where there is none yet. */
  onGrids?(done: number, images: GridsPreview['images']): void
}

/** Draws grids: stage 1 from a class or nothing, stage 2 from discriminative tokens. */
export interface GridStage {
  /** `given[i]` is what image i starts from: its class, its discriminative tokens, or undefined. */
  draw(
    images: readonly ImageStream[],
    given: readonly (number | ArrayLike<number> | undefined)[],
    hooks: StageHooks,
  ): Promise<DrawnGrid[]>
  close(): Promise<void>
}

/** Stage 1, class-conditional or not, and the plain autoregressive model over VQGAN codes. */
export async function openStage1(
  model: OpenTransformer,
  provider: Provider,
  weightBits: number,
  sampling: Sampling,
): Promise<GridStage> {
  const { config } = model
  const decoder = await openDecoder(await weighted(model, weightBits), provider)
  return autoregressiveStage(decoder, config, 'stage1', sampling, 1, (label) => {
    if (config.classes === 0) return [EOS]
    if (typeof label !== 'number' || label >= config.classes)
      throw new ModelError(
        `${model.file.path}: class ${String(label)}; this model has classes 0 to ${config.classes - 1}`,
      )
    return [label + config.vocabulary + SPECIALS]
  })
}

/** Stage 2 token by token. */
export async function openStage2Autoregressive(
  model: OpenTransformer,
  provider: Provider,
  weightBits: number,
  sampling: Sampling,
): Promise<GridStage> {
  const decoder = await openDecoder(await weighted(model, weightBits), provider)
  const prefix = (given: Given) => [...prefixIds(model, given), EOS]
  return autoregressiveStage(decoder, model.config, 'stage2', sampling, GRID_TOKENS + 1, prefix)
}

/** Stage 2 by masked decoding. */
export async function openStage2Masked(
  model: OpenTransformer,
  provider: Provider,
  weightBits: number,
  sampling: Sampling,
  decoding: MaskedDecoding,
): Promise<GridStage> {
  const decoder = await openMaskedDecoder(await weighted(model, weightBits), { provider })
  const length = 2 * GRID_TOKENS + 1
  const atOnce = imagesAtOnce(4 * Math.max(model.config.heads * length ** 2, length * model.config.ffn))
  return {
    draw: (images, given, { signal, onShare, onGrids }) =>
      inParts(images.length, atOnce, (from, to) => {
        const sequences = images
          .slice(from, to)
          .map((stream, i) => ({ ...stream, prefix: prefixIds(model, given[from + i]) }))
        const onStep: MaskedDecodeOptions['onStep'] = (done, grids, open) => {
          onShare((from + (to - from) * (done / decoding.steps)) / images.length)
          onGrids?.(
            GRID_TOKENS,
            soFar(sequences, grids, (image, at) => !open[image]![at]),
          )
        }
        return decoder.decode(sequences, { sampling, decoding, signal, onStep })
      }),
    close: () => decoder.close(),
  }
}

type Given = number | ArrayLike<number> | undefined

function prefixIds({ config, file }: OpenTransformer, given: Given): number[] {
  if (typeof given !== 'object' || given.length !== GRID_TOKENS)
    throw new ModelError(`${file.path}: stage 2 starts from ${GRID_TOKENS} discriminative tokens`)
  return Array.from(given, (token) => {
    if (token < 0 || token >= config.sourceVocabulary)
      throw new ModelError(
        `${file.path}: token ${token}; this stage 2 knows 0 to ${config.sourceVocabulary - 1}`,
      )
    return token + SPECIALS + config.vocabulary + SPECIALS
  })
}

function autoregressiveStage(
  decoder: Decoder,
  config: TransformerConfig,
  use: StreamUse,
  sampling: Sampling,
  prefixLength: number,
  prefix: (given: Given) => number[],
): GridStage {
  const length = prefixLength + GRID_TOKENS
  const atOnce = imagesAtOnce(
    4 * Math.max(config.heads * prefixLength ** 2, length * config.dim, prefixLength * config.ffn),
  )
  return {
    draw: (images, given, { signal, onShare, onGrids }) =>
      inParts(images.length, atOnce, (from, to) => {
        const sequences = images
          .slice(from, to)
          .map((stream, i) => ({ ...stream, use, prefix: prefix(given[from + i]) }))
        const onTokens: DecodeOptions['onTokens'] = (done, grids) => {
          onShare((from + (to - from) * (done / GRID_TOKENS)) / images.length)
          onGrids?.(
            done,
            soFar(sequences, grids, (_, at) => at < done),
          )
        }
        return decoder.decode(sequences, { sampling, signal, onTokens })
      }),
    close: () => decoder.close(),
  }
}

/** The grids as a page is told: -1 where there is no token yet. */
const soFar = (
  images: readonly ImageStream[],
  grids: readonly DrawnGrid[],
  settled: (image: number, at: number) => boolean,
): GridsPreview['images'] =>
  images.map(({ image }, i) => ({
    image,
    tokens: Int16Array.from(grids[i]!.tokens, (token, at) => (settled(i, at) ? token : -1)),
  }))

/** WebGPU has no Loop: there the steps are separate runs with the cache kept on the device. */
const openDecoder = (model: TransformerModel, provider: Provider): Promise<Decoder> =>
  provider === 'webgpu' ? openStepDecoder(model, { provider }) : openChunkDecoder(model, { provider })

async function weighted(model: OpenTransformer, weightBits: number): Promise<TransformerModel> {
  if (weightBits === 32) return model
  return { ...model, linear: await quantisedLinear(model, weightBits as 8 | 4) }
}

/** Images whose largest tensor, of so many bytes an image, stays below the limit. */
export const imagesAtOnce = (bytesPerImage: number): number =>
  Math.max(1, Math.floor(MAX_ALLOCATION_BYTES / bytesPerImage))

/** Runs `part` over [0, count) in parts of at most `atOnce`, one after another, and joins what it gives. */
export async function inParts<T>(
  count: number,
  atOnce: number,
  part: (from: number, to: number) => Promise<T[]>,
): Promise<T[]> {
  const results: T[] = []
  for (let from = 0; from < count; from += atOnce)
    results.push(...(await part(from, Math.min(count, from + atOnce))))
  return results
}
