// A causal generator -> grids, one token after another, with the cache of keys and values between runs of its step.
import { batchesThatFit, imagesAtOnce } from '../../devices/batches.ts'
import type { CausalNetwork } from '../../models/generators/generator.ts'
import { tensor, type Provider } from '../../session/index.ts'
import { emptyGrid, type DrawnGrid } from '../../tokens/grid.ts'
import { soFar, type DecodeCallbacks } from '../grid-decoder.ts'
import { markPinned } from '../score.ts'
import { guided, put, rowLabels, rowsOf, type GeneratorDecoder, type GeneratorImage } from './decoder.ts'
import { drawToken } from './draw-token.ts'
import type { RasterRule } from './rules.ts'
import { openCausalStep, type CausalStep } from './step-cache.ts'

/** Tokens between two reports. */
const REPORT_TOKENS = 16

export async function openRasterDecoder(
  network: CausalNetwork,
  file: string,
  provider: Provider,
): Promise<GeneratorDecoder<RasterRule>> {
  const step = await openCausalStep(network, provider)
  const { cells, cache } = network
  const inBatches = batchesThatFit()
  return {
    async draw(images, rule, callbacks) {
      // Keys and values of all positions of a row, in one layer.
      const atOnce = Math.max(1, Math.floor(imagesAtOnce(4 * (cells + 2) * cache.dim) / 2))
      return inBatches(images.length, atOnce, (from, to) => {
        const onShare = (share: number) => callbacks.onShare((from + (to - from) * share) / images.length)
        return drawBatch(network, file, step, images.slice(from, to), rule, { ...callbacks, onShare })
      })
    },
    close: () => step.close(),
  }
}

async function drawBatch(
  network: CausalNetwork,
  file: string,
  step: CausalStep,
  images: readonly GeneratorImage[],
  { token, guidance }: RasterRule,
  { signal, onShare, onGrids, turn }: DecodeCallbacks,
): Promise<DrawnGrid[]> {
  const { cells, vocabulary, conditioned } = network
  const isGuided = guidance !== undefined
  const starts = rowLabels(images, isGuided).map((label) => network.start(label))
  const R = starts.length
  const idsOf = (rows: readonly (readonly number[])[]) => tensor('i64', rows.flat(), [R, rows[0]!.length])
  const condition = conditioned
    ? {
        condition: tensor(
          'i64',
          starts.map((row) => row.at(-1)!),
          [R],
        ),
      }
    : {}
  const grids = images.map(() => emptyGrid(cells))
  let ids = idsOf(starts)
  let start = 0
  const cache = step.cache(R)
  try {
    for (let at = 0; at < cells; at++) {
      signal.throwIfAborted()
      const outputs = await step.session.run({
        ids,
        start: tensor('i64', [start], []),
        ...condition,
        ...cache.feeds,
      })
      await cache.add(outputs, ids.dims[1]!)
      const logits = outputs.logits!.data as Float32Array
      for (const [b, { image, noise, pinned }] of images.entries()) {
        const own = guided(rowsOf(logits, b, isGuided, vocabulary), 0, vocabulary, guidance?.(at))
        put(file, image, grids[b]!, at, drawToken(own, token, noise.uniform(at, 0), pinned?.[at] ?? -1))
      }
      start += ids.dims[1]!
      ids = idsOf(
        grids.flatMap(({ tokens }) => (isGuided ? [[tokens[at]!], [tokens[at]!]] : [[tokens[at]!]])),
      )
      if ((at + 1) % REPORT_TOKENS !== 0 && at + 1 < cells) continue
      onShare((at + 1) / cells)
      onGrids?.(
        at + 1,
        soFar(images, grids, (i, cell) => cell <= at || (images[i]!.pinned?.[cell] ?? -1) >= 0),
      )
      await turn?.()
    }
  } finally {
    cache.release()
  }
  return grids.map((grid, b) => markPinned(grid, images[b]!.pinned))
}
