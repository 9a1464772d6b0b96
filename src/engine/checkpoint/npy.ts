// .npy and .npz as checkpoints: arrays that an ONNX initializer may point at if they are in C order.
import { FormatError } from '../../shared/errors.ts'
import { ELEMENTS, elementCount } from '../bytes/elements.ts'
import { readNpyHeader } from '../bytes/npy.ts'
import type { Source } from '../bytes/source.ts'
import type { ZipEntry } from '../bytes/zip.ts'
import { tensorView } from './tensors.ts'
import { UNNAMED_TENSOR, type DType, type TensorView, type Weights } from './weights.ts'

const UNSIGNED: ReadonlySet<string> = new Set(['u16', 'u32', 'u64'])

/** A single array; its name is `array`. Reads the header. */
export async function openNpy(source: Source, path: string): Promise<Weights> {
  const view = await arrayView(UNNAMED_TENSOR, source, path, 0, source.size)
  return weights('npy', source, path, [view])
}

/** Arrays by their names. Reads each header. Throws FormatError for compressed archives: they cannot be pointed into. */
export async function npzFromEntries(
  source: Source,
  path: string,
  entries: ReadonlyMap<string, ZipEntry>,
): Promise<Weights> {
  if (entries.size === 0) throw new FormatError(source.name, 'empty zip archive')
  const views: TensorView[] = []
  for (const [name, entry] of entries) {
    if (!name.endsWith('.npy'))
      throw new FormatError(source.name, `unexpected entry ${name} in .npz (expected only .npy files)`)
    if (!entry.stored)
      throw new FormatError(
        source.name,
        `array ${name}: compressed; save with numpy.savez instead of numpy.savez_compressed`,
      )
    views.push(await arrayView(name.replace(/\.npy$/, ''), source, path, entry.start, entry.size))
  }
  return weights('npz', source, path, views)
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

function weights(format: 'npy' | 'npz', source: Source, path: string, views: TensorView[]): Weights {
  return {
    path,
    format,
    tensors: new Map(views.map((view) => [view.name, view])),
    data: undefined,
    tensorBytes: views.reduce((sum, view) => sum + elementCount(view.shape) * ELEMENTS[view.dtype].size, 0),
    close: () => source.close(),
  }
}
