// Plain data with typed arrays <-> one binary frame, for byte-only transports:
//   u32 header length | header: JSON {value, arrays} in UTF-8 | array | array ...     (little-endian)
// In `value`, null replaces each array; `arrays` gives its path, type and length. Arrays follow in that
// order, each at the next multiple of 8, and the last one ends the frame.
import { FormatError } from '../errors.ts'
import { MAX_DEPTH, parseJson } from '../plain-json.ts'

const TYPES = {
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
} as const
type TypeName = keyof typeof TYPES
type NumberArray = InstanceType<(typeof TYPES)[TypeName]>

interface Place {
  readonly path: readonly (string | number)[]
  readonly type: TypeName
  readonly length: number
}

const LENGTH_BYTES = 4
const aligned = (offset: number) => Math.ceil(offset / 8) * 8

export function messageToFrame(message: unknown): Uint8Array<ArrayBuffer> {
  const arrays: NumberArray[] = []
  const places: Place[] = []
  const value = withoutArrays(message, [], (array, type, path) => {
    arrays.push(array)
    places.push({ path, type, length: array.length })
  })
  const header = new TextEncoder().encode(JSON.stringify({ value, arrays: places }))
  const starts: number[] = []
  let end = LENGTH_BYTES + header.length
  for (const array of arrays) {
    starts.push(aligned(end))
    end = aligned(end) + array.byteLength
  }
  const frame = new Uint8Array(end)
  new DataView(frame.buffer).setUint32(0, header.length, true)
  frame.set(header, LENGTH_BYTES)
  for (const [i, { buffer, byteOffset, byteLength }] of arrays.entries())
    frame.set(new Uint8Array(buffer, byteOffset, byteLength), starts[i])
  return frame
}

/**
 * Throws FormatError for anything that `messageToFrame` does not produce, and for more than `maxValues` values, because
 * a small frame could become a large message.
 */
export function frameToMessage(frame: Uint8Array, maxValues = Infinity): unknown {
  if (frame.length < LENGTH_BYTES) throw broken(`${frame.length} bytes`)
  const { buffer, byteOffset } = frame
  let end = LENGTH_BYTES + new DataView(buffer, byteOffset, LENGTH_BYTES).getUint32(0, true)
  if (end > frame.length) throw broken(`${frame.length} bytes, but the header ends at ${end}`)
  const root = headerOf(frame.subarray(LENGTH_BYTES, end), maxValues)
  for (const place of root.arrays) {
    const { type, length } = checkedPlace(place)
    const start = aligned(end)
    end = start + length * TYPES[type].BYTES_PER_ELEMENT
    if (end > frame.length) throw broken(`${frame.length} bytes, but an array ends at ${end}`)
    // A copy: the frame may start at any offset, and may be a slice of a larger buffer.
    put(root, place.path, new TYPES[type](Uint8Array.from(frame.subarray(start, end)).buffer))
  }
  if (end !== frame.length) throw broken(`${frame.length} bytes, but the content ends at ${end}`)
  return root.value
}

const broken = (problem: string) => new FormatError('message', `broken frame: ${problem}`)

function withoutArrays(
  value: unknown,
  path: readonly (string | number)[],
  found: (array: NumberArray, type: TypeName, path: readonly (string | number)[]) => void,
): unknown {
  if (typeof value !== 'object' || value === null) return value
  // The header itself is one level.
  if (path.length >= MAX_DEPTH - 1)
    throw new TypeError(`nested too deep to be sent (at ${path.slice(0, 3).join('.')}...)`)
  if (ArrayBuffer.isView(value)) {
    const type = (Object.keys(TYPES) as TypeName[]).find((name) => value instanceof TYPES[name])
    if (!type) throw new TypeError(`${path.join('.')}: this array type cannot be sent`)
    found(value as NumberArray, type, path)
    return null
  }
  if (Array.isArray(value)) return value.map((item, i) => withoutArrays(item, [...path, i], found))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutArrays(item, [...path, key], found)]),
  )
}

function headerOf(bytes: Uint8Array, maxValues: number): { value: unknown; arrays: readonly Place[] } {
  let header: unknown
  try {
    header = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes), maxValues)
  } catch (error) {
    throw broken(`the header is not JSON (${(error as Error).message})`)
  }
  if (typeof header === 'object' && header !== null && 'arrays' in header && Array.isArray(header.arrays))
    return header as { value: unknown; arrays: readonly Place[] }
  throw broken('the header is not JSON with a value and arrays')
}

function checkedPlace(place: Place | null): Place {
  const known =
    typeof place === 'object' &&
    place !== null &&
    Object.hasOwn(TYPES, String(place.type)) &&
    Number.isSafeInteger(place.length) &&
    place.length >= 0 &&
    Array.isArray(place.path)
  if (!known) throw broken('array without type, length or path')
  return place
}

/** Puts an array back in place of its null; own properties only, so that no path leads to a prototype. */
function put(root: { value: unknown }, path: Place['path'], array: NumberArray): void {
  let holder: unknown = root
  let key: string | number = 'value'
  for (const next of path) {
    holder = child(holder, key)
    key = next
  }
  if (child(holder, key) !== null) throw broken(`unexpected array at ${path.join('.')}`)
  ;(holder as Record<string | number, unknown>)[key] = array
}

function child(holder: unknown, key: string | number): unknown {
  if (
    typeof holder !== 'object' ||
    holder === null ||
    ArrayBuffer.isView(holder) ||
    !Object.hasOwn(holder, key)
  )
    throw broken(`nothing at ${String(key)}`)
  return (holder as Record<string | number, unknown>)[key]
}
