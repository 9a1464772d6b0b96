// Prefixes -> token grids by masked (NAR, MaskGIT-style) decoding: all positions at once, in a few steps.
import { graphToOnnx } from '../graph/index.ts'
import { maskedStepGraph, type TransformerModel } from '../models/transformer-graphs.ts'
import { EOS, SPECIALS, UNK } from '../models/transformer-config.ts'
import { openSession, tensor, type SessionOptions } from '../session/index.ts'
import { emptyGrid, type DrawnGrid } from '../tokens/grid.ts'
import { positionsToRemask } from '../tokens/mask-schedule.ts'
import { uniform } from '../tokens/random.ts'
import type { MaskedDecoding, Sampling } from '../../shared/run/run.ts'
import { checkEntropy, pinnedAt, samplingFeeds, type Sequence } from './autoregressive.ts'

export interface MaskedDecodeOptions {
  readonly sampling: Sampling
  readonly decoding: MaskedDecoding
  readonly signal?: AbortSignal
  /** Awaited after each step, with the number of finished steps, the grids, and the positions that are masked again. */
  readonly onStep?: (
    done: number,
    grids: readonly DrawnGrid[],
    open: readonly (readonly boolean[])[],
  ) => void | Promise<void>
}

export interface MaskedDecoder {
  /** `prefix` contains the 256 discriminative tokens as model ids. Pinned codes are not scored. */
  decode(sequences: readonly Omit<Sequence, 'use'>[], options: MaskedDecodeOptions): Promise<DrawnGrid[]>
  close(): Promise<void>
}

export async function openMaskedDecoder(
  model: TransformerModel,
  options: SessionOptions,
): Promise<MaskedDecoder> {
  const onDevice = options.provider === 'webgpu'
  const session = await openSession(graphToOnnx(maskedStepGraph(model, { onDevice })), options)
  return {
    async decode(sequences, { sampling, decoding, signal, onStep }) {
      const B = sequences.length
      const { cells } = model.config.grid
      const grids = sequences.map(() => ({ ...emptyGrid(cells), steps: new Int32Array(cells) }))
      const masked = grids.map(({ tokens }, b) =>
        Array.from(tokens, (_, i) => {
          const pinned = pinnedAt(sequences[b]!, i)
          if (pinned >= 0) tokens[i] = pinned
          return pinned < 0
        }),
      )
      const totals = masked.map((open) => open.filter(Boolean).length)
      if (totals.every((total) => total === 0)) await onStep?.(decoding.steps, grids, masked)
      const feeds = samplingFeeds(sampling, model.config.vocabulary)
      for (let step = 0; step < decoding.steps && totals.some((total) => total > 0); step++) {
        signal?.throwIfAborted()
        const ids = sequences.flatMap(({ prefix }, b) => [
          ...prefix,
          EOS,
          ...Array.from(grids[b]!.tokens, (token, i) => (masked[b]![i] ? UNK : token + SPECIALS)),
        ])
        const outputs = await session.run({
          ids: tensor('i64', ids, [B, 2 * cells + 1]),
          uniforms: tensor(
            'f32',
            sequences.flatMap(({ seed, image }) =>
              Array.from({ length: cells }, (_, i) => uniform(seed, image, 'maskedToken', step * cells + i)),
            ),
            [B * cells],
          ),
          ...feeds,
        })
        const tokens = outputs.tokens!.data as BigInt64Array
        const ranks = outputs.ranks!.data as BigInt64Array
        const logProbabilities = outputs.log_probabilities!.data as Float32Array
        const entropies = outputs.entropies!.data as Float32Array
        for (const [b, { seed, image }] of sequences.entries()) {
          const grid = grids[b]!
          const open = masked[b]!
          for (let i = 0; i < cells; i++) {
            const at = b * cells + i
            checkEntropy(model, entropies[at]!, image, i)
            if (!open[i]) continue
            grid.tokens[i] = Number(tokens[at])
            grid.ranks[i] = Number(ranks[at])
            grid.logProbabilities[i] = logProbabilities[at]!
            grid.entropies[i] = entropies[at]!
            grid.steps[i] = step
          }
          const drawn = logProbabilities.subarray(b * cells, (b + 1) * cells)
          const again = positionsToRemask({
            logProbabilities: drawn,
            masked: open,
            total: totals[b]!,
            step,
            decoding,
            seed,
            image,
          })
          open.fill(false)
          for (const position of again) open[position] = true
        }
        await onStep?.(step + 1, grids, masked)
      }
      return grids
    },
    close: () => session.close(),
  }
}
