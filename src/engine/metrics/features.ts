// Features of a set of images, one row per image. Metrics read them in parts, so that a set can have any size.
import { matrix, type Matrix } from './matrix.ts'

export interface FeatureRows {
  /** Number of images. */
  readonly count: number
  /** Numbers per row. */
  readonly width: number
  /** Rows `[from, to)`, [to - from, width] in C order. */
  read(from: number, to: number): Promise<Float32Array>
}

/** Rows read together: 8 MB at 2048 dimensions. */
export const ROWS_AT_ONCE = 1024

/** Rows already in memory. */
export function rowsInMemory(values: Float32Array, width: number): FeatureRows {
  if (width < 1 || values.length % width !== 0)
    throw new RangeError(`${values.length} numbers do not divide into rows of ${width}`)
  return {
    count: values.length / width,
    width,
    read: async (from, to) => values.subarray(from * width, to * width),
  }
}

/** Rows `[from, to)` as a set of their own. */
export const rowsBetween = (features: FeatureRows, from: number, to: number): FeatureRows => ({
  count: to - from,
  width: features.width,
  read: (first, last) => features.read(from + first, from + last),
})

/** Rows `[from, to)` as float64. Throws RangeError with the first image whose features are not finite. */
export async function readMatrix(features: FeatureRows, from: number, to: number): Promise<Matrix> {
  const values = await features.read(from, to)
  for (let at = 0; at < values.length; at++)
    if (!Number.isFinite(values[at]))
      throw new RangeError(
        `features of image ${from + Math.floor(at / features.width)} contain ${values[at]}`,
      )
  return matrix(to - from, features.width, new Float64Array(values))
}

/** The rows with these numbers, in that order, as float64. */
export async function gatherRows(features: FeatureRows, numbers: ArrayLike<number>): Promise<Matrix> {
  const out = matrix(numbers.length, features.width)
  for (let at = 0; at < numbers.length; at++) {
    const row = await readMatrix(features, numbers[at]!, numbers[at]! + 1)
    out.data.set(row.data, at * features.width)
  }
  return out
}

/** [from, to) ranges of at most `size` that cover 0 to `count`. */
export function* ranges(count: number, size = ROWS_AT_ONCE): Generator<readonly [number, number]> {
  for (let from = 0; from < count; from += size) yield [from, Math.min(count, from + size)]
}
