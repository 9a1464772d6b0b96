// .npy <-> typed arrays: a magic, a Python dict as text, then raw elements.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { FormatError } from '../../shared/errors.ts'
import { CONTENT_BYTES, contentWords } from './content.ts'
import { Cursor } from './cursor.ts'
import { ELEMENTS, elementCount, gather, type ElementType, type NumberArray } from './elements.ts'
import { MAX_READ_BYTES, type Source } from './source.ts'

/** An array in C order. f16 is widened to float32, bool is bytes 0 and 1. */
export interface NpyArray {
  readonly type: ElementType
  readonly shape: readonly number[]
  readonly data: NumberArray
}

/** An array to write; its element type is that of `data`. @default shape [data.length] */
export interface NpyInput {
  readonly data: NumberArray
  readonly shape?: readonly number[]
  /** Half floats are returned as their bits in a Uint16Array. */
  readonly type?: 'f16'
}

export interface NpyHeader {
  readonly type: ElementType
  readonly shape: readonly number[]
  /** In elements; the reverse of C order if the file has `fortran_order`. */
  readonly strides: readonly number[]
  /** Bytes from the start of the file to the first element. */
  readonly dataStart: number
  readonly dataSize: number
}

const MAGIC = '\x93NUMPY'
/** Magic, version, and the longer of the two length fields. */
const PREFIX_BYTES = 12
/** The limit of numpy: 10,000 characters; the header of a plain array has about 100. */
const MAX_HEADER_BYTES = 10_000
/** numpy's NPY_MAXDIMS. */
const MAX_DIMENSIONS = 64
const ALIGNMENT = 64

/** `descr` -> element type. Big-endian ('>') is refused, because such bytes cannot be used in place. */
const DESCRIPTIONS: ReadonlyMap<string, ElementType> = new Map([
  ['<f8', 'f64'],
  ['<f4', 'f32'],
  ['<f2', 'f16'],
  ['<i8', 'i64'],
  ['<i4', 'i32'],
  ['<i2', 'i16'],
  ['|i1', 'i8'],
  ['<u8', 'u64'],
  ['<u4', 'u32'],
  ['<u2', 'u16'],
  ['|u1', 'u8'],
  ['|b1', 'bool'],
])

const ARRAY_DESCRIPTIONS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [Float64Array, '<f8'],
  [Float32Array, '<f4'],
  [BigInt64Array, '<i8'],
  [Int32Array, '<i4'],
  [Int16Array, '<i2'],
  [Int8Array, '|i1'],
  [BigUint64Array, '<u8'],
  [Uint32Array, '<u4'],
  [Uint16Array, '<u2'],
  [Uint8Array, '|u1'],
])

/** True if the first bytes of a file are those of an .npy. */
export function isNpy(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, MAGIC.length)).toString('latin1') === MAGIC
}

/** The header of an .npy in bytes `[start, start + size)` of the source; `dataStart` counts from `start`. */
export async function readNpyHeader(source: Source, start = 0, size = source.size): Promise<NpyHeader> {
  const place = source.name
  const prefix = new Cursor(await source.read(start, start + Math.min(PREFIX_BYTES, size)), place)
  if (!isNpy(prefix.bytes)) {
    const head = await source.read(start, start + Math.min(CONTENT_BYTES, size))
    throw new FormatError(place, `not an .npy file (found ${contentWords(head, size)})`)
  }
  prefix.take(MAGIC.length)
  const version = prefix.u8()
  prefix.u8()
  if (version < 1 || version > 3)
    throw new FormatError(place, `unsupported .npy version (found ${version}, expected 1 to 3)`)
  const length = version === 1 ? prefix.u16() : prefix.u32()
  const dataStart = prefix.position + length
  if (length > MAX_HEADER_BYTES || dataStart > size)
    throw new FormatError(
      place,
      `.npy header too large (found ${length} bytes, maximum ${MAX_HEADER_BYTES}, file size ${size})`,
    )
  const text = Buffer.from(await source.read(start + prefix.position, start + dataStart)).toString('latin1')
  const { type, shape, fortranOrder } = parseDictionary(text, place)
  const dataSize = elementCount(shape) * ELEMENTS[type].size
  if (!(dataSize <= size - dataStart))
    throw new FormatError(
      place,
      `data size does not match ${type} [${shape}] (found ${size - dataStart} bytes, expected ${dataSize})`,
    )
  return { type, shape, strides: npyStrides(shape, fortranOrder), dataStart, dataSize }
}

/** The whole array, in C order. */
export async function readNpy(source: Source): Promise<NpyArray> {
  const { type, shape, strides, dataStart, dataSize } = await readNpyHeader(source)
  if (dataSize > MAX_READ_BYTES)
    throw new FormatError(source.name, `data too large (found ${dataSize} bytes, maximum ${MAX_READ_BYTES})`)
  const bytes = await source.read(dataStart, dataStart + dataSize)
  const inOrder = strides.every((stride, axis) => stride === npyStrides(shape, false)[axis])
  return { type, shape, data: inOrder ? ELEMENTS[type].decode(bytes) : gather(type, bytes, shape, strides) }
}

/** The bytes of an .npy file, version 1.0, C order. */
export function encodeNpy({ data, shape = [data.length], type }: NpyInput): Uint8Array {
  if (elementCount(shape) !== data.length)
    throw new RangeError(`${data.length} values do not fill shape [${shape.join()}]`)
  const head = headerBytes(type === 'f16' ? '<f2' : ARRAY_DESCRIPTIONS.get(data.constructor), shape)
  const bytes = new Uint8Array(head.length + data.byteLength)
  bytes.set(head)
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), head.length)
  return bytes
}

/**
 * Everything before the elements, for arrays that are written piece by piece. Throws for types that NumPy does not
 * have.
 */
export function encodeNpyHeader(type: ElementType, shape: readonly number[]): Uint8Array {
  const [description] = [...DESCRIPTIONS].find(([, described]) => described === type) ?? []
  if (description === undefined) throw new RangeError(`NumPy has no equivalent of element type ${type}`)
  return headerBytes(description, shape)
}

function headerBytes(description: string | undefined, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const dictionary = `{'descr': '${description}', 'fortran_order': False, 'shape': ${tuple}, }`
  const fixed = MAGIC.length + 4
  const padded = Math.ceil((fixed + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT
  const text = `${MAGIC}\x01\x00\x00\x00${dictionary.padEnd(padded - fixed - 1)}\n`
  const bytes = new Uint8Array(Buffer.from(text, 'latin1'))
  new DataView(bytes.buffer).setUint16(MAGIC.length + 2, padded - fixed, true)
  return bytes
}

function npyStrides(shape: readonly number[], fortranOrder: boolean): number[] {
  const strides = new Array<number>(shape.length)
  const axes = shape.map((_, axis) => axis)
  let step = 1
  for (const axis of fortranOrder ? axes : axes.reverse()) {
    strides[axis] = step
    step *= Math.max(shape[axis]!, 1)
  }
  return strides
}

/** The header is a Python literal of exactly three keys; a structured `descr` is a list and does not match. */
function parseDictionary(
  text: string,
  place: string,
): { type: ElementType; shape: number[]; fortranOrder: boolean } {
  const descr = /'descr': *'([^']*)'/.exec(text)?.[1]
  const order = /'fortran_order': *(True|False)/.exec(text)?.[1]
  const tuple = /'shape': *\(([^)]*)\)/.exec(text)?.[1]
  if (descr === undefined || order === undefined || tuple === undefined)
    throw new FormatError(
      place,
      `.npy header does not describe a plain array: ${JSON.stringify(text.slice(0, 100))}`,
    )
  const type = DESCRIPTIONS.get(descr)
  if (!type)
    throw new FormatError(
      place,
      `unsupported element type (found '${descr}', expected one of ${[...DESCRIPTIONS.keys()].join(' ')})`,
    )
  const sizes = tuple.split(',').map((size) => size.trim())
  if (sizes.at(-1) === '') sizes.pop()
  const shape = sizes.map((size) => (/^\d+L?$/.test(size) ? parseInt(size, 10) : NaN))
  if (
    shape.length > MAX_DIMENSIONS ||
    !Number.isSafeInteger(elementCount(shape.map((size) => Math.max(size, 1))))
  )
    throw new FormatError(place, `invalid shape (${tuple.slice(0, 100)}) (expected a tuple of sizes)`)
  return { type, shape, fortranOrder: order === 'True' }
}
