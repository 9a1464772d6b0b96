// torch.save since 1.6: a zip with `data.pkl`, and one stored entry per storage that tensors point into.
// https://github.com/pytorch/pytorch/blob/main/torch/serialization.py (_save), caffe2/serialize/inline_container.cc
import { FormatError } from '../../shared/errors.ts'
import type { Source } from '../bytes/source.ts'
import { readEntry, readZip, type ZipEntry } from '../bytes/zip.ts'
import { asTagged, type StorageRef } from './data.ts'
import { storageFromId } from './pickle-calls.ts'
import { MAX_PICKLE_BYTES, unpickle } from './pickle.ts'
import type { Region } from './tensors.ts'
import { storageBytes, torchTensors } from './torch.ts'
import type { Weights } from './weights.ts'

const PICKLE = 'data.pkl'
/** "little" or "big"; absent before torch 2.1, when it was the order of the writing machine: little in practice. */
const BYTE_ORDER = 'byteorder'
const MAX_BYTE_ORDER_BYTES = 16

/** True if a zip directory looks like torch's: one folder with data.pkl in it. */
export function isTorchZip(entries: ReadonlyMap<string, ZipEntry>): boolean {
  return picklePath(entries) !== undefined
}

/** True for an archive of torch.jit.save: its root is an object of a class that is in the archive. */
export function isTorchScript({ data }: Pick<Weights, 'data'>): boolean {
  const root = asTagged(data)
  return root?.kind === 'record' && /^__torch__(\.|$)/.test(root.module)
}

/** Reads the directory and data.pkl, nothing else. */
export async function openTorchZip(source: Source, path: string): Promise<Weights> {
  return torchZipFromEntries(source, path, await readZip(source))
}

export async function torchZipFromEntries(
  source: Source,
  path: string,
  entries: ReadonlyMap<string, ZipEntry>,
): Promise<Weights> {
  const pickle = picklePath(entries)
  if (!pickle)
    throw new FormatError(
      source.name,
      `not saved by torch (expected exactly one ${PICKLE} in the zip archive)`,
    )
  const folder = pickle.slice(0, -PICKLE.length)
  await checkByteOrder(source, entries.get(folder + BYTE_ORDER))
  const bytes = await readEntry(source, stored(entries, pickle, source.name), MAX_PICKLE_BYTES)
  const place = `${source.name}: ${pickle}`
  const { value } = unpickle(bytes, { place, persistent: storageFromId })
  const regions = new Map<string, Region>()

  function regionOf(storage: StorageRef, place: string): Region {
    const name = `${folder}data/${storage.key}`
    const entry = stored(entries, name, place)
    const size = storageBytes(storage, place)
    if (entry.size !== size)
      throw new FormatError(place, `entry ${name}: wrong size (found ${entry.size} bytes, expected ${size})`)
    const known = regions.get(name)
    if (known) return known
    const region = { source, path, start: entry.start, size }
    regions.set(name, region)
    return region
  }

  const tensors = torchTensors(value, source.name, regionOf)
  const tensorBytes = [...regions.values()].reduce((sum, region) => sum + region.size, 0)
  return { path, format: 'torch-zip', ...tensors, data: value, tensorBytes, close: () => source.close() }
}

/** The only data.pkl; undefined if there are several. */
function picklePath(entries: ReadonlyMap<string, ZipEntry>): string | undefined {
  const found = [...entries.keys()].filter((name) => name === PICKLE || /^[^/]+\/data\.pkl$/.test(name))
  return found.length === 1 ? found[0] : undefined
}

/** An entry whose bytes are the file's own bytes. */
function stored(entries: ReadonlyMap<string, ZipEntry>, name: string, place: string): ZipEntry {
  const entry = entries.get(name)
  if (!entry) throw new FormatError(place, `entry ${name}: missing`)
  if (!entry.stored) throw new FormatError(place, `entry ${name}: compressed entries are not supported`)
  return entry
}

async function checkByteOrder(source: Source, entry: ZipEntry | undefined): Promise<void> {
  if (!entry) return
  const order = Buffer.from(await readEntry(source, entry, MAX_BYTE_ORDER_BYTES)).toString('latin1')
  if (order !== 'little')
    throw new FormatError(
      source.name,
      `unsupported byte order (found ${JSON.stringify(order)}, expected "little")`,
    )
}
