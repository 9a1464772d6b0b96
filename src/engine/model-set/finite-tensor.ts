// The values of a tensor, of which none is NaN or infinite.
import { ModelError } from '../../shared/errors.ts'
import { firstNotFinite } from '../../shared/finite.ts'
import type { TensorValues, TensorView } from '../checkpoint/index.ts'

/** Reads a tensor. Throws ModelError naming the tensor and the place of the first value that is not finite. */
export async function readFinite(view: TensorView, file: string): Promise<TensorValues> {
  const values = await view.read()
  const wrong = values instanceof BigInt64Array ? -1 : firstNotFinite(values)
  if (wrong < 0) return values
  const place = view.shape.map(
    (size, axis) => Math.floor(wrong / view.shape.slice(axis + 1).reduce((a, b) => a * b, 1)) % size,
  )
  throw new ModelError(
    `${file}: tensor ${view.name}: not finite (found ${Number(values[wrong])} at [${place.join(', ')}])`,
  )
}
