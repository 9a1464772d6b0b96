// Prefixes -> token grids, one run of the graph per token and the draw in float64 outside it: what the others are checked
// against.
import { graphToOnnx } from '../graph/index.ts'
import { stepGraph, type TransformerModel } from '../models/transformer-graphs.ts'
import { openSession, tensor, type Session, type SessionOptions, type Tensor } from '../session/index.ts'
import type { DrawnGrid } from '../tokens/grid.ts'
import { uniform } from '../tokens/random.ts'
import { firstNotFinite } from '../../shared/finite.ts'
import { keptToToken, logitsToKept } from '../../shared/run/sampler.ts'
import type { Sampling } from '../../shared/run/run.ts'
import {
  begin,
  checkEntropy,
  emptyCache,
  pinnedAt,
  lastTokens,
  renameCache,
  type DecodeOptions,
  type Decoder,
  type Sequence,
} from './autoregressive.ts'

/** The graph returns logits, and the token is sampled here in float64. */
export async function openReferenceDecoder(
  model: TransformerModel,
  options: SessionOptions,
): Promise<Decoder> {
  const session = await openSession(graphToOnnx(stepGraph(model)), { ...options, grows: true })
  return {
    provider: session.provider,
    decode: (sequences, options) => stepByStep(model, session, sequences, options),
    close: () => session.close(),
  }
}

async function stepByStep(
  model: TransformerModel,
  session: Session,
  sequences: readonly Sequence[],
  { sampling, length = model.config.grid.cells, signal, onTokens }: DecodeOptions,
): Promise<DrawnGrid[]> {
  const { grids, ...first } = begin(sequences, length)
  if (first.done > 0) await onTokens?.(first.done, grids)
  let cache = emptyCache(model, sequences.length, 'past')
  let ids = first.ids
  let start = 0
  for (let { done } = first; done < length; done++) {
    signal?.throwIfAborted()
    const outputs = await session.run({ ids, start: tensor('i64', [start], []), ...cache })
    drawHere(model, outputs.logits!, grids, done, sequences, sampling)
    const spent = cache
    cache = renameCache(outputs, model.config.layers, 'present', '', 'past')
    for (const value of Object.values(spent)) value.dispose()
    start += ids.dims[1]!
    ids = lastTokens(grids, done + 1)
    await onTokens?.(done + 1, grids)
  }
  for (const value of Object.values(cache)) value.dispose()
  return grids
}

function drawHere(
  model: TransformerModel,
  logits: Tensor,
  grids: readonly DrawnGrid[],
  at: number,
  sequences: readonly Sequence[],
  sampling: Sampling,
): void {
  const [B, V] = logits.dims as [number, number]
  const values = logits.data as Float32Array
  for (let b = 0; b < B; b++) {
    const here = values.subarray(b * V, (b + 1) * V)
    checkEntropy(model, firstNotFinite(here) < 0 ? 0 : NaN, sequences[b]!.image, at)
    if (pinnedAt(sequences[b]!, at) >= 0) continue
    const { seed, image, use } = sequences[b]!
    const drawn = keptToToken(logitsToKept(here, sampling), uniform(seed, image, use, at))
    grids[b]!.tokens[at] = drawn.token
    grids[b]!.ranks[at] = drawn.rank
    grids[b]!.logProbabilities[at] = drawn.logProbability
    grids[b]!.entropies[at] = drawn.entropy
  }
}
