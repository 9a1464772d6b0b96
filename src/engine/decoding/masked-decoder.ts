// Samples grids by masked decoding, and scores pinned codes.
import { EOS, UNK } from '../models/transformer-config.ts'
import type { TransformerModel } from '../models/transformer-graphs.ts'
import type { Provider } from '../session/index.ts'
import { soFar, type GridDecoder, type Start } from './grid-decoder.ts'
import { openMaskedDecoder, type MaskedDecodeOptions } from './masked.ts'
import { batchesThatFit, imagesAtOnce } from '../devices/batches.ts'
import { lazyScorer, markPinned } from './score.ts'

/**
 * The model does not predict codes that it sees, so pinned codes are scored with all codes masked, given only the
 * discriminative tokens.
 */
export async function openMaskedGridDecoder(
  model: TransformerModel,
  provider: Provider,
  /** The 256 discriminative tokens as model ids. */
  prefix: (start: Start) => readonly number[],
): Promise<GridDecoder> {
  const decoder = await openMaskedDecoder(model, { provider })
  const scorer = lazyScorer(model, provider)
  const { cells } = model.config.grid
  const length = 2 * cells + 1
  const { heads, ffn } = model.config
  // A card is tried with all of them: the limit of one allocation is that of hosts.
  const atOnce = provider === 'cpu' ? imagesAtOnce(4 * length * Math.max(heads * length, ffn)) : Infinity
  const inBatches = batchesThatFit()
  return {
    async draw(images, starts, { sampling, masked: decoding }, { signal, onShare, onGrids, turn }) {
      const sequences = images.map(({ seed, image, noise = image, pinned }, i) => ({
        seed,
        image: noise,
        pinned,
        prefix: prefix(starts[i]),
      }))
      const drawn = await inBatches(images.length, atOnce, (from, to) => {
        const onStep: MaskedDecodeOptions['onStep'] = (done, grids, open) => {
          onShare((from + (to - from) * (done / decoding.steps)) / images.length)
          onGrids?.(
            cells,
            soFar(images.slice(from, to), grids, (image, at) => !open[image]![at]),
          )
          return turn?.()
        }
        return decoder.decode(sequences.slice(from, to), { sampling, decoding, signal, onStep })
      })
      const grids = drawn.map((grid, i) => markPinned(grid, images[i]!.pinned))
      const masked = new Array<number>(cells).fill(UNK)
      const seen = grids.map((grid, i) => ({
        grid,
        image: images[i]!.image,
        ids: [...sequences[i]!.prefix, EOS, ...masked],
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
