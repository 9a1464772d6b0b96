// Tensors that a graph cannot use in place -> a safetensors file in the cache, written once per checkpoint. Format:
// https://huggingface.co/docs/safetensors (header length u64, JSON header, data).
import { openCheckpoint, type TensorView } from '../checkpoint/index.ts'
import { cachedFile } from './cache.ts'
import type { ModelTensors } from '../models/tensors.ts'

/** One tensor to write; `bytes` is called just before, so that only one is in memory. */
export interface CachedTensor {
  readonly name: string
  readonly dtype: 'F32' | 'I8' | 'U8'
  readonly shape: readonly number[]
  bytes(): Promise<Uint8Array>
}

const BYTES = { F32: 4, I8: 1, U8: 1 }

/** The tensors by name, from the cache file of this key, which is written if missing. */
export async function cachedTensors(
  label: string,
  key: readonly string[],
  tensors: readonly CachedTensor[],
): Promise<ReadonlyMap<string, TensorView>> {
  const path = await cachedFile({ key, label, ending: '.safetensors' }, () => safetensorsFile(tensors))
  const weights = await openCheckpoint(path)
  await weights.close()
  return weights.tensors
}

async function* safetensorsFile(tensors: readonly CachedTensor[]): AsyncGenerator<Uint8Array> {
  let end = 0
  const header = Object.fromEntries(
    tensors.map(({ name, dtype, shape }) => {
      const start = end
      end += shape.reduce((count, size) => count * size, BYTES[dtype])
      return [name, { dtype, shape, data_offsets: [start, end] }]
    }),
  )
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  yield Buffer.concat([length, json])
  for (const tensor of tensors) yield await tensor.bytes()
}

/**
 * The same tensors; those that are not in C order in their file (transposed or strided views) become float32 copies in
 * the cache. Writes nothing if there are none, as in every published file.
 */
export async function contiguousTensors(
  tensors: ModelTensors,
  sha256: string,
  prefix: string,
): Promise<ModelTensors> {
  const views = tensors.names.map((name) => [name, tensors.get(name)] as const)
  const odd = views.filter(([, view]) => !view.contiguous)
  if (odd.length === 0) return tensors
  const copies = await cachedTensors(
    'rows',
    [sha256, prefix],
    odd.map(([name, view]) => ({
      name,
      dtype: 'F32',
      shape: view.shape,
      bytes: async () =>
        new Uint8Array(Float32Array.from((await view.read()) as Float32Array, Number).buffer),
    })),
  )
  return {
    ...tensors,
    get(name, shape) {
      const view = tensors.get(name, shape)
      return copies.get(name) ?? view
    },
  }
}
