// torch.save before 1.6: five pickles in a row, then each storage as an 8-byte element count and its elements.
// https://github.com/pytorch/pytorch/blob/main/torch/serialization.py (_legacy_save, _legacy_load)
import { FormatError } from '../../shared/errors.ts'
import { Cursor, EndOfBytes } from '../bytes/cursor.ts'
import type { Source } from '../bytes/source.ts'
import { asTagged, type Data, type StorageRef } from './data.ts'
import { storageFromId, type CallContext } from './pickle-calls.ts'
import { MAX_PICKLE_BYTES, unpickle } from './pickle.ts'
import { dataAt } from './plain.ts'
import type { Region } from './tensors.ts'
import { storageBytes, torchTensors } from './torch.ts'
import type { Weights } from './weights.ts'

const MAGIC = 0x1950a86a20f9469cfc6cn
/** The magic number's ten bytes come within the first few opcodes of any protocol. */
const MAGIC_BYTES = Buffer.from('6cfc9c46f9206aa85019', 'hex')
const MAGIC_WITHIN = 32
const PROTOCOL = 1001
/** First guess at the length of the pickles; multiplied by four until they fit. */
const FIRST_WINDOW_BYTES = 2 ** 18
const COUNT_BYTES = 8

/** True if the first bytes of a file contain the magic number. */
export function isTorchLegacy(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, MAGIC_WITHIN)).includes(MAGIC_BYTES)
}

/** Reads the pickles and the storages' counts. */
export async function openTorchLegacy(source: Source, path: string): Promise<Weights> {
  const { value, keys, storages, end } = await readPickles(source)
  const regions = await storageRegions(source, path, keys, storages, end)

  function regionOf(storage: StorageRef, place: string): Region {
    const region = regions.get(storage.key)
    if (!region) throw new FormatError(place, `storage ${storage.key}: missing`)
    return region
  }

  const tensors = torchTensors(value, source.name, regionOf)
  const tensorBytes = [...regions.values()].reduce((sum, region) => sum + region.size, 0)
  return { path, format: 'torch-legacy', ...tensors, data: value, tensorBytes, close: () => source.close() }
}

interface Pickles {
  value: Data
  /** Keys of the storages in file order. */
  keys: string[]
  storages: Map<string, StorageRef>
  /** First byte after the last pickle. */
  end: number
}

async function readPickles(source: Source): Promise<Pickles> {
  const most = Math.min(source.size, MAX_PICKLE_BYTES)
  for (let size = Math.min(FIRST_WINDOW_BYTES, most); ; size = Math.min(size * 4, most)) {
    const window = await source.read(0, size)
    try {
      return parsePickles(window, source.name)
    } catch (error) {
      if (!(error instanceof EndOfBytes) || size === most) throw error
    }
  }
}

function parsePickles(bytes: Uint8Array, place: string): Pickles {
  const storages = new Map<string, StorageRef>()
  let end = 0
  const next = (persistent?: (id: Data, context: CallContext) => Data): Data => {
    const result = unpickle(bytes, { place, start: end, ...(persistent && { persistent }) })
    end = result.end
    return result.value
  }
  const magic = next()
  if (magic !== MAGIC) throw new FormatError(place, 'not a legacy torch file (magic number missing)')
  const protocol = next()
  if (protocol !== PROTOCOL)
    throw new FormatError(
      place,
      `unsupported legacy torch protocol (found ${String(protocol)}, expected ${PROTOCOL})`,
    )
  if (dataAt(next(), 'little_endian') === false)
    throw new FormatError(place, 'big-endian files are not supported')
  const value = next((id, context) => {
    const storage = storageFromId(id, context)
    const tagged = asTagged(storage)
    if (tagged?.kind !== 'storage') return storage
    const known = storages.get(tagged.key)
    if (known && (known.type !== tagged.type || known.count !== tagged.count))
      throw context.fail(`storage ${tagged.key}: conflicting descriptions`)
    storages.set(tagged.key, tagged)
    return storage
  })
  const keys = next()
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string'))
    throw new FormatError(place, 'missing list of storage keys after the legacy torch pickle')
  return { value, keys, storages, end }
}

/** Walks the storages: count, elements, count, elements ... */
async function storageRegions(
  source: Source,
  path: string,
  keys: string[],
  storages: Map<string, StorageRef>,
  end: number,
): Promise<Map<string, Region>> {
  const regions = new Map<string, Region>()
  let at = end
  for (const key of keys) {
    const place = `${source.name}: storage ${key}`
    const storage = storages.get(key)
    if (!storage) throw new FormatError(place, 'listed but not used by any tensor')
    if (regions.has(key)) throw new FormatError(place, 'listed twice')
    if (at + COUNT_BYTES > source.size)
      throw new FormatError(place, `truncated file (ends at byte ${source.size}, before this storage)`)
    const count = new Cursor(await source.read(at, at + COUNT_BYTES), place).u64()
    if (count !== storage.count)
      throw new FormatError(place, `wrong number of elements (found ${count}, expected ${storage.count})`)
    const size = storageBytes(storage, place)
    const start = at + COUNT_BYTES
    if (start + size > source.size)
      throw new FormatError(
        place,
        `bytes ${start} to ${start + size} are outside the file (size ${source.size})`,
      )
    regions.set(key, { source, path, start, size })
    at = start + size
  }
  return regions
}
