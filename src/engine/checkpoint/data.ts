// The contents of a pickle as inert data: no value here has behaviour, and no key reaches a prototype.
import type { ElementType } from '../bytes/elements.ts'

/** Python's None, bool, float or small int, large int, str, bytes. */
export type Scalar = null | boolean | number | bigint | string | Uint8Array

/** With Python's list or tuple, set, dict; then values of torch and of classes. */
export type Data = Scalar | Data[] | Set<Data> | Map<Data, Data> | InertRecord | StorageRef | TensorRef

/** A class, a function, or the result of a call. Nothing was actually called. */
export interface InertRecord {
  readonly kind: 'record'
  readonly module: string
  readonly name: string
  /** Arguments of the call. `undefined`: the class or function itself. */
  readonly args: Data[] | undefined
  /** The argument of BUILD for `__setstate__`. */
  state: Data | undefined
  /** Items appended to a list-like object. */
  items: Data[] | undefined
  /** Items set on a dict-like object. */
  entries: Map<Data, Data> | undefined
}

/** Bytes outside the pickle. `dtype` is undefined for an unsupported element type. */
export interface StorageRef {
  readonly kind: 'storage'
  /** The class named in the file, such as `FloatStorage`. */
  readonly type: string
  readonly dtype: ElementType | undefined
  readonly key: string
  /** Elements in the whole storage. */
  readonly count: number
  /** Bytes of one; undefined for a type whose size is unknown. */
  readonly width: number | undefined
  /** Elements `[offset, offset + count)`, if a legacy file stores a view of another storage. */
  readonly view: { readonly offset: number; readonly count: number } | undefined
}

/** A tensor over a storage; offset and strides in elements of `dtype`. Its bounds are checked when it is listed. */
export interface TensorRef {
  readonly kind: 'tensor'
  readonly storage: StorageRef
  /** The type named in the file, for messages. */
  readonly type: string
  readonly dtype: ElementType | undefined
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  /** Why it cannot be read, where its own description says so. */
  readonly problem?: string
}

export type Tagged = InertRecord | StorageRef | TensorRef

/** A record, a tensor or a storage, if it is one. */
export function asTagged(data: Data | undefined): Tagged | undefined {
  return typeof data === 'object' && data !== null && 'kind' in data ? data : undefined
}

/** An instance of, or a call to, anything outside the tensor machinery; or the class itself if `args` is undefined. */
export function inertRecord(module: string, name: string, args: Data[] | undefined): InertRecord {
  return { kind: 'record', module, name, args, state: undefined, items: undefined, entries: undefined }
}
