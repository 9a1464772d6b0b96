// A tensor's description and its bytes -> a view that is checked now and read later.
import { FormatError } from '../../shared/errors.ts'
import { ELEMENTS, elementCount, gather, rowMajorStrides } from '../bytes/elements.ts'
import { MAX_READ_BYTES, type Source } from '../bytes/source.ts'
import type { DType, TensorValues, TensorView } from './weights.ts'

/** The location of a tensor's elements: bytes `[start, start + size)` of a file. */
export interface Region {
  readonly source: Source
  /** Absolute path of the file behind `source`. */
  readonly path: string
  readonly start: number
  readonly size: number
}

export interface TensorDescription {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  /** In elements. @default C order */
  readonly strides?: readonly number[]
  /** First element, counted in elements from the start of the region. @default 0 */
  readonly offset?: number
}

/** The tensor as a view. Throws FormatError if any of its elements would be outside the region. */
export function tensorView(description: TensorDescription, region: Region): TensorView {
  const { name, dtype, shape, offset = 0 } = description
  const place = `${region.source.name}: tensor ${name}`
  const rowMajor = rowMajorStrides(shape)
  const given = description.strides ?? rowMajor
  const count = elementCount(shape)
  const numbers = [...shape, ...given, offset, count]
  if (numbers.some((value) => !Number.isSafeInteger(value) || value < 0) || given.length !== shape.length)
    throw new FormatError(
      place,
      `invalid tensor layout: shape [${shape}], strides [${given}], offset ${offset} (expected non-negative integers)`,
    )
  const contiguous = count === 0 || shape.every((size, axis) => size === 1 || given[axis] === rowMajor[axis])
  const strides = contiguous ? rowMajor : given
  const width = ELEMENTS[dtype].size
  const held = Math.floor(region.size / width)
  const span = count === 0 ? 0 : 1 + shape.reduce((last, size, axis) => last + (size - 1) * strides[axis]!, 0)
  if (!(offset + span <= held))
    throw new FormatError(
      place,
      `storage too small for ${dtype} [${shape}] with strides [${strides}] (needs elements ${offset} to ${offset + span}, found ${held})`,
    )
  const start = region.start + offset * width
  return {
    name,
    dtype,
    shape,
    strides,
    contiguous,
    path: region.path,
    offset: start,
    async read() {
      // An expanded view can be far larger than its storage, so the expanded size is checked.
      const largest = Math.max(count * ELEMENTS[dtype].allocate(0).BYTES_PER_ELEMENT, span * width)
      if (largest > MAX_READ_BYTES)
        throw new FormatError(
          place,
          `tensor too large to read at once (${largest} bytes, maximum ${MAX_READ_BYTES})`,
        )
      const bytes = await region.source.read(start, start + span * width)
      const values = contiguous ? ELEMENTS[dtype].decode(bytes) : gather(dtype, bytes, shape, strides)
      return values as TensorValues
    },
  }
}
