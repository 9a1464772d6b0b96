// Samples grids token by token, and scores pinned tokens.
import { SPECIALS } from '../models/transformer-config.ts'
import type { TransformerModel } from '../models/transformer-graphs.ts'
import type { Provider, SessionOptions } from '../session/index.ts'
import type { DrawnGrid } from '../tokens/grid.ts'
import type { StreamUse } from '../tokens/random.ts'
import {
  pinnedAt,
  pinnedInFront,
  openChunkDecoder,
  type DecodeOptions,
  type Decoder,
  type Sequence,
} from './autoregressive.ts'
import { soFar, type GridDecoder, type ImageStream, type Start } from './grid-decoder.ts'
import { batchesThatFit, imagesAtOnce } from '../devices/batches.ts'
import { lazyScorer, markPinned } from './score.ts'
import { openDeviceDecoder } from './device-decoder.ts'
import { openRereadDecoder } from './reread-decoder.ts'

export async function openAutoregressiveGridDecoder(
  model: TransformerModel,
  provider: Provider,
  use: StreamUse,
  /** The ids that a sequence starts with. */
  prefix: (start: Start) => readonly number[],
): Promise<GridDecoder> {
  const decoder = await decoderOn(provider)(model, { provider })
  const scorer = lazyScorer(model, provider)
  const { cells } = model.config.grid
  const inBatches = batchesThatFit()
  return {
    async draw(images, starts, { sampling }, { signal, onShare, onGrids, turn }) {
      const sequences = images.map(({ seed, image, noise = image, pinned }, i): Sequence => ({
        seed,
        image: noise,
        use,
        pinned,
        prefix: prefix(starts[i]),
      }))
      const grids = new Array<DrawnGrid>(images.length)
      let finished = 0
      for (const group of equalFronts(sequences, cells))
        await inBatches(group.length, atOnce(model, sequences[group[0]!]!, provider), async (from, to) => {
          const part = group.slice(from, to)
          const here: readonly ImageStream[] = part.map((i) => images[i]!)
          const onTokens: DecodeOptions['onTokens'] = (done, drawn) => {
            onShare((finished + part.length * (done / cells)) / images.length)
            onGrids?.(
              done,
              soFar(here, drawn, (i, at) => at < done || pinnedAt(here[i]!, at) >= 0),
            )
            return turn?.()
          }
          const drawn = await decoder.decode(
            part.map((i) => sequences[i]!),
            { sampling, signal, onTokens },
          )
          part.forEach((i, b) => (grids[i] = markPinned(drawn[b]!, images[i]!.pinned)))
          finished += part.length
          return []
        })
      const seen = grids.map((grid, i) => ({
        grid,
        image: images[i]!.image,
        ids: [
          ...sequences[i]!.prefix,
          ...Array.from(grid.tokens.subarray(0, -1), (token) => token + SPECIALS),
        ],
      }))
      await scorer.fill(seen, sampling.temperature, signal)
      return grids
    },
    async close() {
      await decoder.close()
      await scorer.close()
    },
  }
}

/**
 * The decoder for a kind of device. WebGPU has no Loop, but tensors that stay there; elsewhere than on the processor,
 * inputs and outputs cross a bus, which no cache should.
 */
export function decoderOn(
  provider: Provider,
): (model: TransformerModel, options: SessionOptions) => Promise<Decoder> {
  if (provider === 'cpu') return openChunkDecoder
  return provider === 'webgpu' ? openDeviceDecoder : openRereadDecoder
}

/**
 * Indices of sequences grouped by their number of leading pinned tokens. Leading tokens are fed with the prefix in one
 * pass, and an image must not depend on the others of its batch.
 */
function equalFronts(sequences: readonly Sequence[], cells: number): number[][] {
  const groups = new Map<number, number[]>()
  sequences.forEach((sequence, i) => {
    const front = pinnedInFront(sequence, cells)
    groups.set(front, [...(groups.get(front) ?? []), i])
  })
  return [...groups.values()]
}

/** A card is tried with all of them: the limit of one allocation is that of hosts. */
function atOnce({ config }: TransformerModel, sequence: Sequence, provider: Provider): number {
  if (provider !== 'cpu') return Infinity
  const first = sequence.prefix.length + pinnedInFront(sequence, config.grid.cells)
  const length = sequence.prefix.length + config.grid.cells
  return imagesAtOnce(4 * Math.max(config.heads * first ** 2, length * config.dim, first * config.ffn))
}
