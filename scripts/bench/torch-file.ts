// Plain values and tensors -> a file in the format of torch.save: a zip of stored entries, storages aligned to 64
// bytes. Source: torch/serialization.py (_save) and caffe2/serialize/inline_container.cc; opcodes: Python's
// pickletools.
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'

export interface TensorToSave {
  readonly dtype: 'f32' | 'f16'
  readonly shape: readonly number[]
  /** The elements in C order, in any number of pieces. */
  bytes(): Iterable<Uint8Array>
}

export type Saved =
  | null
  | boolean
  | number
  | string
  | TensorToSave
  | readonly Saved[]
  | ReadonlyMap<string, Saved>
  | { readonly [key: string]: Saved | undefined }

const ALIGNMENT = 64
const STORAGE = { f32: ['FloatStorage', 4], f16: ['HalfStorage', 2] } as const
/** Names in UTF-8; sizes and CRC follow the data. */
const FLAGS = 0x0808
const MAX_32_BITS = 0xffffffff

/** Writes `root` with one piece of one tensor in memory at a time. */
export async function writeTorchFile(path: string, root: Saved): Promise<void> {
  const tensors: TensorToSave[] = []
  const pickle = toPickle(root, tensors)
  const entries = [
    { name: 'archive/data.pkl', bytes: () => [pickle] },
    { name: 'archive/byteorder', bytes: () => [Buffer.from('little')] },
    ...tensors.map((tensor, i) => ({ name: `archive/data/${i}`, bytes: () => tensor.bytes() })),
    { name: 'archive/version', bytes: () => [Buffer.from('3\n')] },
  ]
  await pipeline(zip(entries), createWriteStream(path))
}

interface EntryToSave {
  readonly name: string
  bytes(): Iterable<Uint8Array>
}

function* zip(entries: readonly EntryToSave[]): Generator<Uint8Array> {
  const directory: Buffer[] = []
  let at = 0
  for (const { name, bytes } of entries) {
    const header = localHeader(name, at)
    yield header
    let crc = 0
    let size = 0
    for (const piece of bytes()) {
      crc = crc32(piece, crc)
      size += piece.length
      yield piece
    }
    if (size > MAX_32_BITS)
      throw new Error(`${name}: tensor too large (found ${size} bytes, maximum ${MAX_32_BITS})`)
    yield record([4, 0x08074b50], [4, crc], [4, size], [4, size])
    directory.push(centralHeader(name, at, crc, size))
    at += header.length + size + 16
  }
  yield* directory
  yield endOfZip(entries.length, at, Buffer.concat(directory).length)
}

/** The header is padded with an extra field, torch's `FB`, until the data is aligned. */
function localHeader(name: string, at: number): Buffer {
  const used = 30 + name.length + 4
  const padding = (ALIGNMENT - ((at + used) % ALIGNMENT)) % ALIGNMENT
  return Buffer.concat([
    record([4, 0x04034b50], [2, 0], [2, FLAGS], [2, 0], [4, 0], [4, 0], [4, 0], [4, 0]),
    record([2, name.length], [2, 4 + padding]),
    Buffer.from(name),
    Buffer.from('FB'),
    record([2, padding]),
    Buffer.alloc(padding, 'Z'),
  ])
}

function centralHeader(name: string, at: number, crc: number, size: number): Buffer {
  const far = at >= MAX_32_BITS
  return Buffer.concat([
    record([4, 0x02014b50], [2, 0], [2, 0], [2, FLAGS], [2, 0], [4, 0], [4, crc], [4, size], [4, size]),
    record([2, name.length], [2, far ? 12 : 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, far ? MAX_32_BITS : at]),
    Buffer.from(name),
    far ? record([2, 1], [2, 8], [8, at]) : Buffer.alloc(0),
  ])
}

/** In the zip64 form, as always in torch, and in the old one. */
function endOfZip(count: number, at: number, size: number): Buffer {
  const capped = (value: number) => Math.min(value, MAX_32_BITS)
  return Buffer.concat([
    record([4, 0x06064b50], [8, 44], [2, 0x031e], [2, 45], [4, 0], [4, 0], [8, count], [8, count]),
    record([8, size], [8, at]),
    record([4, 0x07064b50], [4, 0], [8, at + size], [4, 1]),
    record([4, 0x06054b50], [4, 0], [2, count], [2, count], [4, capped(size)], [4, capped(at)], [2, 0]),
  ])
}

/** Little-endian unsigned numbers, each [bytes, value]. */
function record(...fields: readonly (readonly [2 | 4 | 8, number])[]): Buffer {
  return Buffer.concat(
    fields.map(([size, value]) => {
      const bytes = Buffer.alloc(size)
      if (size === 8) bytes.writeBigUInt64LE(BigInt(value))
      else bytes.writeUIntLE(value, 0, size)
      return bytes
    }),
  )
}

/** Protocol 2 without a memo. Adds its tensors to `tensors`, in the order of their storage keys. */
function toPickle(root: Saved, tensors: TensorToSave[]): Buffer {
  const parts: Buffer[] = []
  const put = (...bytes: (number | string)[]) =>
    parts.push(...bytes.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part))))
  const name = (module: string, name: string) => put(`c${module}\n${name}\n`)
  const text = (value: string) => {
    put('X')
    parts.push(record([4, Buffer.byteLength(value)]), Buffer.from(value))
  }
  const number = (value: number) => {
    const whole = Number.isInteger(value)
    const bytes = Buffer.alloc(whole ? 4 : 8)
    if (whole) bytes.writeInt32LE(value)
    else bytes.writeDoubleBE(value)
    put(whole ? 'J' : 'G')
    parts.push(bytes)
  }
  const numbers = (values: readonly number[]) => {
    put('(')
    values.forEach(number)
    put('t')
  }
  const tensor = (tensor: TensorToSave) => {
    const { dtype, shape } = tensor
    name('torch._utils', '_rebuild_tensor_v2')
    put('((')
    text('storage')
    name('torch', STORAGE[dtype][0])
    text(String(tensors.push(tensor) - 1))
    text('cpu')
    number(shape.reduce((product, size) => product * size, 1))
    put('tQ')
    number(0)
    numbers(shape)
    numbers(shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1)))
    put(0x89)
    name('collections', 'OrderedDict')
    put(')RtR')
  }
  const value = (saved: Saved): unknown => {
    if (saved === null) return put('N')
    if (typeof saved === 'boolean') return put(saved ? 0x88 : 0x89)
    if (typeof saved === 'number') return number(saved)
    if (typeof saved === 'string') return text(saved)
    if (isTensor(saved)) return tensor(saved)
    if (Array.isArray(saved)) {
      put('](')
      saved.forEach(value)
      return put('e')
    }
    put('}(')
    for (const [key, item] of saved instanceof Map ? saved : Object.entries(saved)) {
      text(key as string)
      value((item as Saved | undefined) ?? null)
    }
    return put('u')
  }
  put(0x80, 2)
  value(root)
  put('.')
  return Buffer.concat(parts)
}

const isTensor = (saved: object): saved is TensorToSave =>
  'bytes' in saved && typeof saved.bytes === 'function'
