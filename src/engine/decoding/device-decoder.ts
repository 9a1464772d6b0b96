// Prefixes -> token grids on a GPU whose tensors stay there (WebGPU): a drawn token feeds the next step on the device, and
// the processor reads one row of the grid at a time.
import { graphToOnnx } from '../graph/index.ts'
import { stepProduct } from './step-product.ts'
import { cacheNames } from '../models/attention.ts'
import { deviceStepGraph, emptyCacheGraph, readRecordGraph, RECORD_ROWS } from '../models/device-step.ts'
import type { Product } from '../models/product.ts'
import type { TransformerModel } from '../models/transformer-graphs.ts'
import { openSession, tensor, type SessionOptions } from '../session/index.ts'
import {
  begin,
  inEvenBatches,
  pinnedRows,
  recordDraws,
  renameCache,
  samplingFeeds,
  uniforms,
  type Decoder,
  type Tensors,
} from './autoregressive.ts'

/** Numbers of a draw in the record of the graph: token, log-probability, rank, entropy. */
const RECORD_COLUMNS = 4

export async function openDeviceDecoder(
  model: TransformerModel,
  options: SessionOptions,
  /** @default the faster one on this device */
  product?: Product,
): Promise<Decoder> {
  const { heads, dim, layers, grid } = model.config
  const present = cacheNames('present', layers)
  const graph = deviceStepGraph(model, product ?? (await stepProduct(options.provider)))
  const session = await openSession(graphToOnnx(graph), {
    ...options,
    keepOnDevice: ['next_ids', 'next_record', ...present],
  })
  const emptied = await openSession(graphToOnnx(emptyCacheGraph(model.arithmetic)), {
    ...options,
    keepOnDevice: ['zeros'],
  })
  // A graph of its own: `getData` of a tensor on a GPU ends the process (onnxruntime-node 1.30).
  const reader = await openSession(graphToOnnx(readRecordGraph()), options)

  const decode: Decoder['decode'] = async (
    sequences,
    { sampling, length = grid.cells, signal, onTokens },
  ) => {
    const B = sequences.length
    const { grids, ...first } = begin(sequences, length)
    if (first.done > 0) await onTokens?.(first.done, grids)
    // Of its full length from the start: tensors of one size use the same memory again.
    const positions = first.ids.dims[1]! + length - first.done - 1
    const shape = tensor('i64', [B, heads, positions, dim / heads], [4])
    const { zeros } = await emptied.run({ shape })
    let cache: Tensors = Object.fromEntries(cacheNames('past', layers).map((name) => [name, zeros!]))
    let record = tensor('f32', new Float32Array(RECORD_ROWS * B * RECORD_COLUMNS), [
      RECORD_ROWS,
      B,
      RECORD_COLUMNS,
    ])
    let { ids } = first
    const settings = samplingFeeds(sampling, model.config.vocabulary)
    try {
      for (let { done } = first, start = 0; done < length;) {
        const steps = Math.min(RECORD_ROWS, length - done)
        for (let slot = 0; slot < steps; slot++) {
          signal?.throwIfAborted()
          const T = ids.dims[1]!
          const outputs = await session.run({
            ...settings,
            ...stepFeeds(B, start, T),
            ...cache,
            ids,
            uniforms: tensor('f32', uniforms(sequences, done + slot, 1), [B]),
            pinned: tensor('f32', pinnedRows(sequences, done + slot, 1), [B]),
            slot: tensor('f32', [slot], []),
            record,
          })
          const spent = [ids, record, ...new Set(Object.values(cache))]
          ids = outputs.next_ids!
          record = outputs.next_record!
          cache = renameCache(outputs, layers, 'present', '', 'past')
          for (const value of spent) value.dispose()
          start += T
        }
        const values = (await reader.run({ record })).values!.data as Float32Array
        recordDraws(model, grids, sequences, done, steps, (row) => {
          const [token, logProbability, rank, entropy] = values.subarray(RECORD_COLUMNS * row)
          return { token: token!, logProbability: logProbability!, rank: rank!, entropy: entropy! }
        })
        done += steps
        await onTokens?.(done, grids)
      }
    } finally {
      for (const value of [ids, record, ...new Set(Object.values(cache))]) value.dispose()
    }
    return grids
  }
  return {
    provider: session.provider,
    decode: model.linear?.evenRows ? inEvenBatches(decode) : decode,
    async close() {
      await session.close()
      await emptied.close()
      await reader.close()
    },
  }
}

/** Where the T positions of a pass are, after `start` earlier ones. */
function stepFeeds(B: number, start: number, T: number): Tensors {
  const total = start + T
  return {
    positions: tensor(
      'i64',
      Array.from({ length: T }, (_, i) => start + i),
      [T],
    ),
    total: tensor('i32', Int32Array.of(total), [1]),
    last: tensor('i32', new Int32Array(B).fill(total - 1), [B]),
  }
}
