// A table with one row per element type on disk: its size, and its little-endian bytes -> typed array. Every machine
// onnxruntime runs on is little-endian, so a typed array over file bytes needs no swapping.

/** Arrays of numbers in memory. */
export type NumberArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array

/**
 * `allocate` makes an array of the type that `decode` returns; f16 and bf16 are widened to float32, bool stays one
 * byte.
 */
interface ElementRow {
  size: number
  decode(bytes: Uint8Array): NumberArray
  allocate(count: number): NumberArray
}

export const ELEMENTS = {
  f64: { size: 8, decode: (b) => new Float64Array(...aligned(b, 8)), allocate: (n) => new Float64Array(n) },
  f32: { size: 4, decode: (b) => new Float32Array(...aligned(b, 4)), allocate: (n) => new Float32Array(n) },
  f16: { size: 2, decode: halfToFloat, allocate: (n) => new Float32Array(n) },
  bf16: { size: 2, decode: brainToFloat, allocate: (n) => new Float32Array(n) },
  i64: { size: 8, decode: (b) => new BigInt64Array(...aligned(b, 8)), allocate: (n) => new BigInt64Array(n) },
  i32: { size: 4, decode: (b) => new Int32Array(...aligned(b, 4)), allocate: (n) => new Int32Array(n) },
  i16: { size: 2, decode: (b) => new Int16Array(...aligned(b, 2)), allocate: (n) => new Int16Array(n) },
  i8: { size: 1, decode: (b) => new Int8Array(...aligned(b, 1)), allocate: (n) => new Int8Array(n) },
  u64: {
    size: 8,
    decode: (b) => new BigUint64Array(...aligned(b, 8)),
    allocate: (n) => new BigUint64Array(n),
  },
  u32: { size: 4, decode: (b) => new Uint32Array(...aligned(b, 4)), allocate: (n) => new Uint32Array(n) },
  u16: { size: 2, decode: (b) => new Uint16Array(...aligned(b, 2)), allocate: (n) => new Uint16Array(n) },
  u8: { size: 1, decode: (b) => b, allocate: (n) => new Uint8Array(n) },
  bool: { size: 1, decode: (b) => b, allocate: (n) => new Uint8Array(n) },
} satisfies Record<string, ElementRow>

export type ElementType = keyof typeof ELEMENTS

/** Product of the sizes; 1 for a scalar. The caller must refuse infinite or unsafe products. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** Strides in elements of an array in C order. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length)
  let step = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step
    step *= Math.max(shape[axis]!, 1)
  }
  return strides
}

/** Element bytes in any strided order -> values in C order. Strides count elements from the first byte. */
export function gather(
  type: ElementType,
  bytes: Uint8Array,
  shape: readonly number[],
  strides: readonly number[],
): NumberArray {
  const values = ELEMENTS[type].decode(bytes)
  const result = ELEMENTS[type].allocate(elementCount(shape))
  const index = new Array<number>(shape.length).fill(0)
  let from = 0
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from]!
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!
      if (++index[axis]! < shape[axis]!) break
      from -= strides[axis]! * shape[axis]!
      index[axis] = 0
    }
  }
  return result
}

/** Constructor arguments for a typed array over these bytes, copied only if not aligned. */
function aligned(bytes: Uint8Array, size: number): [ArrayBuffer, number, number] {
  const own = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes)
  return [own.buffer as ArrayBuffer, own.byteOffset, Math.floor(own.byteLength / size)]
}

let halfTable: Float32Array | undefined

/** IEEE 754 binary16 -> float32, by a table of all 65536 values. */
function halfToFloat(bytes: Uint8Array): Float32Array {
  halfTable ??= Float32Array.from({ length: 65536 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1
    const exponent = (bits >> 10) & 31
    const fraction = bits & 1023
    if (exponent === 31) return fraction ? NaN : sign * Infinity
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
  })
  const table = halfTable
  return Float32Array.from(new Uint16Array(...aligned(bytes, 2)), (bits) => table[bits]!)
}

/** bfloat16 is the upper half of a float32. */
function brainToFloat(bytes: Uint8Array): Float32Array {
  const upper = new Uint16Array(...aligned(bytes, 2))
  const bits = new Uint32Array(upper.length)
  for (let i = 0; i < upper.length; i++) bits[i] = upper[i]! << 16
  return new Float32Array(bits.buffer)
}
