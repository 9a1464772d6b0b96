// A checkpoint's tensors -> the tensors of one model, found by name and checked against the expected shape.
import { ModelError } from '../../shared/errors.ts'
import type { Tensors, TensorView, UnreadableTensor } from '../checkpoint/weights.ts'

/** The tensors of one model, under the names in the model's own code. */
export interface ModelTensors {
  /** The file they come from, for errors. */
  readonly file: string
  /** Of those that can be read. */
  readonly names: readonly string[]
  /** Whether the file has one of this name, readable or not. */
  has(name: string): boolean
  /** The tensor. Throws ModelError if it is missing, cannot be read or has another shape than the given one. */
  get(name: string, shape?: readonly number[]): TensorView
}

/**
 * The tensors whose names start with one of `prefixes`, the prefix removed. The first prefix that any tensor has is
 * used, so that `['', 'state_dict.']` reads both a plain and a wrapped state dict.
 */
export function modelTensors(
  weights: { readonly path: string; readonly tensors: Tensors['tensors'] } & Partial<Tensors>,
  prefixes: string | readonly string[] = '',
): ModelTensors {
  const all = [prefixes].flat()
  const found = all.find((prefix) => [...weights.tensors.keys()].some((name) => name.startsWith(prefix)))
  const prefix = found ?? all[0] ?? ''
  const tensors = behind(prefix, weights.tensors)
  const unreadable = behind<UnreadableTensor>(prefix, weights.unreadable ?? new Map())

  return {
    file: weights.path,
    names: [...tensors.keys()],
    has: (name) => tensors.has(name) || unreadable.has(name),
    get(name, shape) {
      const view = tensors.get(name)
      const wanted = shape ? ` of shape [${shape.join(', ')}]` : ''
      const refused = unreadable.get(name)
      if (refused)
        throw new ModelError(
          `${weights.path}: tensor ${prefix}${name}${wanted} cannot be read: ${refused.problem}`,
        )
      if (!view) throw new ModelError(`${weights.path}: tensor ${prefix}${name}${wanted} is missing`)
      if (shape && !sameShape(view.shape, shape))
        throw new ModelError(
          `${weights.path}: ${prefix}${name} has shape [${view.shape.join(', ')}], expected [${shape.join(', ')}]`,
        )
      return view
    },
  }
}

function behind<T>(prefix: string, tensors: ReadonlyMap<string, T>): Map<string, T> {
  const found = new Map<string, T>()
  for (const [name, tensor] of tensors)
    if (name.startsWith(prefix)) found.set(name.slice(prefix.length), tensor)
  return found
}

const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((size, i) => size === b[i])
