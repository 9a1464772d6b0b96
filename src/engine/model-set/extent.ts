// Tensors behind a prefix -> how many parameters they have, and in which precision.
import type { TensorView, Weights } from '../checkpoint/index.ts'

/** Parameters under a prefix, and the precision of the largest tensor. */
export function extent(weights: Weights, prefix: string) {
  let parameters = 0
  let tensors = 0
  let largest: TensorView | undefined
  const count = (view: TensorView) => view.shape.reduce((product, size) => product * size, 1)
  for (const [name, view] of weights.tensors) {
    if (!name.startsWith(prefix)) continue
    parameters += count(view)
    tensors++
    if (!largest || count(view) > count(largest)) largest = view
  }
  const millions = parameters / 1e6
  const size = millions >= 10 ? `${Math.round(millions)}M` : `${millions.toFixed(1)}M`
  return { parameters, tensors, size, precision: largest ? precisionOf(largest) : '' }
}

/** The usual word in the field: f16 is fp16. */
export const precisionOf = ({ dtype }: TensorView): string => dtype.replace(/^f/, 'fp')
