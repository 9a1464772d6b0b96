// .npy and .npz as checkpoints: arrays in C order can be used in place as ONNX initializers.
import { FormatError } from '../../shared/errors.ts'
import { ELEMENTS, elementCount } from '../bytes/elements.ts'
import { readNpyHeader } from '../bytes/npy.ts'
import type { Source } from '../bytes/source.ts'
import type { ZipEntry } from '../bytes/zip.ts'
import { tensorView } from './tensors.ts'
import {
  listing,
  UNNAMED_TENSOR,
  type DType,
  type Tensors,
  type TensorView,
  type Weights,
} from './weights.ts'

const UNSIGNED: ReadonlySet<string> = new Set(['u16', 'u32', 'u64'])

/** A single array; its name is `array`. Reads the header. */
export async function openNpy(source: Source, path: string): Promise<Weights> {
  const { add, tensors } = listing(source.name)
  add(await arrayView(UNNAMED_TENSOR, source, path, 0, source.size))
  return weights('npy', source, path, tensors())
}

/**
 * Arrays by their names. Reads each header. An array of text, and one that is compressed and cannot be pointed into, is
 * unreadable. Throws FormatError if that leaves none.
 */
export async function npzFromEntries(
  source: Source,
  path: string,
  entries: ReadonlyMap<string, ZipEntry>,
): Promise<Weights> {
  if (entries.size === 0) throw new FormatError(source.name, 'empty zip archive')
  const { add, refuse, tensors } = listing(source.name)
  for (const [entryName, entry] of entries) {
    const name = entryName.replace(/\.npy$/, '')
    const problem = entryProblem(entry)
    if (problem !== undefined) {
      refuse({ name, type: '', problem })
      continue
    }
    try {
      add(await arrayView(name, source, path, entry.start, entry.size))
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      refuse({ name, type: '', problem: error.message.slice(source.name.length + 2) })
    }
  }
  return weights('npz', source, path, tensors())
}

function entryProblem({ name, stored }: ZipEntry): string | undefined {
  if (!name.endsWith('.npy')) return `unexpected entry ${name} in .npz (expected only .npy files)`
  if (!stored) return 'compressed; save with numpy.savez instead of numpy.savez_compressed'
  return undefined
}

async function arrayView(
  name: string,
  source: Source,
  path: string,
  start: number,
  size: number,
): Promise<TensorView> {
  const { type, shape, strides, dataStart, dataSize } = await readNpyHeader(source, start, size)
  if (UNSIGNED.has(type))
    throw new FormatError(`${source.name}: array ${name}`, `unsupported element type ${type}`)
  return tensorView(
    { name, dtype: type as DType, shape, strides },
    { source, path, start: start + dataStart, size: dataSize },
  )
}

const weights = (format: 'npy' | 'npz', source: Source, path: string, tensors: Tensors): Weights => ({
  path,
  format,
  ...tensors,
  data: undefined,
  tensorBytes: [...tensors.tensors.values()].reduce(
    (sum, { shape, dtype }) => sum + elementCount(shape) * ELEMENTS[dtype].size,
    0,
  ),
  close: () => source.close(),
})
