// A checkpoint's tensors -> the tensors of one model, found by name and checked against the expected shape.
import { ModelError } from '../../shared/errors.ts'
import type { TensorView } from '../checkpoint/weights.ts'

/** The tensors of one model, under the names in the model's own code. */
export interface ModelTensors {
  /** The file they come from, for errors. */
  readonly file: string
  readonly names: readonly string[]
  has(name: string): boolean
  /** The tensor. Throws ModelError if it is missing or has another shape than the given one. */
  get(name: string, shape?: readonly number[]): TensorView
}

/**
 * The tensors whose names start with one of `prefixes`, the prefix removed. The first prefix that any tensor has is
 * used, so that `['', 'state_dict.']` reads both a plain and a wrapped state dict.
 */
export function modelTensors(
  weights: { readonly path: string; readonly tensors: ReadonlyMap<string, TensorView> },
  prefixes: string | readonly string[] = '',
): ModelTensors {
  const all = [prefixes].flat()
  const found = all.find((prefix) => [...weights.tensors.keys()].some((name) => name.startsWith(prefix)))
  const prefix = found ?? all[0] ?? ''
  const tensors = new Map<string, TensorView>()
  for (const [name, view] of weights.tensors)
    if (name.startsWith(prefix)) tensors.set(name.slice(prefix.length), view)

  return {
    file: weights.path,
    names: [...tensors.keys()],
    has: (name) => tensors.has(name),
    get(name, shape) {
      const view = tensors.get(name)
      const wanted = shape ? ` of shape [${shape.join(', ')}]` : ''
      if (!view) throw new ModelError(`${weights.path}: tensor ${prefix}${name}${wanted} is missing`)
      if (shape && !sameShape(view.shape, shape))
        throw new ModelError(
          `${weights.path}: ${prefix}${name} has shape [${view.shape.join(', ')}], expected [${shape.join(', ')}]`,
        )
      return view
    },
  }
}

const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((size, i) => size === b[i])
