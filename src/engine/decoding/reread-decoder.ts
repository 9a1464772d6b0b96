// Prefixes -> token grids in long chunks between which nothing stays: for devices whose inputs and outputs cross a bus.
import { graphToOnnx } from '../graph/index.ts'
import { rereadGraph, type TransformerModel } from '../models/transformer-graphs.ts'
import { openSession, tensor, type SessionOptions } from '../session/index.ts'
import {
  begin,
  idsSoFar,
  inEvenBatches,
  pinnedRows,
  record,
  samplingFeeds,
  uniforms,
  type Decoder,
} from './autoregressive.ts'

/**
 * Steps of a chunk. onnxruntime's CUDA provider has no tensors that stay on the card, so a cache carried from chunk to
 * chunk crosses the bus twice: at base size (16 layers of 1024) 67 MB an image for 512 positions. Reading the sequence
 * again costs one pass instead, which a card does in the time of a few steps: it reads the weights once, and a step does
 * as well. 64 steps make four passes a grid, 4 in 256 reads of the weights. It is fixed, since it affects the order of a
 * sum.
 */
const CHUNK_STEPS = 64

/** Decodes in chunks that read the sequence so far again: only ids, draws and settings cross the bus (CUDA). */
export async function openRereadDecoder(model: TransformerModel, options: SessionOptions): Promise<Decoder> {
  const session = await openSession(graphToOnnx(rereadGraph(model)), options)
  const decode: Decoder['decode'] = async (
    sequences,
    { sampling, length = model.config.grid.cells, signal, onTokens },
  ) => {
    const { grids, done: pinned } = begin(sequences, length)
    if (pinned > 0) await onTokens?.(pinned, grids)
    const feeds = samplingFeeds(sampling, model.config.vocabulary)
    for (let done = pinned; done < length;) {
      signal?.throwIfAborted()
      const steps = Math.min(CHUNK_STEPS, length - done)
      // The graph needs two steps; what is past the end of the grid is dropped.
      const rows = Math.max(2, steps)
      const dims = [rows, sequences.length]
      const outputs = await session.run({
        ids: idsSoFar(sequences, grids, done),
        uniforms: tensor('f32', uniforms(sequences, done, rows), dims),
        pinned: tensor('i64', pinnedRows(sequences, done, rows), dims),
        ...feeds,
      })
      record(model, grids, sequences, done, outputs)
      done += steps
      await onTokens?.(done, grids)
    }
    return grids
  }
  return {
    provider: session.provider,
    decode: model.linear?.evenRows ? inEvenBatches(decode) : decode,
    close: () => session.close(),
  }
}
