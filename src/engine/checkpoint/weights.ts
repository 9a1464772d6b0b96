// What every checkpoint reader returns: tensors by name, each a view into bytes of the user's file.
import { FormatError } from '../../shared/errors.ts'
import type { Data } from './data.ts'

/** Element types that appear in checkpoints, by their short names. */
export type DType = 'f64' | 'f32' | 'f16' | 'bf16' | 'i64' | 'i32' | 'i16' | 'i8' | 'u8' | 'bool'

/** Values of a tensor in C order. f16 and bf16 are widened to float32. */
export type TensorValues =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array

/** Name of the only tensor in a file without names (.npy, a bare saved tensor). */
export const UNNAMED_TENSOR = 'array'

/** One tensor, not yet read. */
export interface TensorView {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  /** In elements. A contiguous tensor has C-order strides. */
  readonly strides: readonly number[]
  /** True if the elements are in C order without gaps, so that an ONNX initializer can use them in place. */
  readonly contiguous: boolean
  /** Absolute path of the file to which `offset` refers, with links resolved: for onnxruntime, not for messages. */
  readonly path: string
  /** Byte offset of the first element in that file. */
  readonly offset: number
  /** Reads the elements (views resolved) in C order. */
  read(): Promise<TensorValues>
}

/** A tensor of the file that cannot be read: an element type of its own, a name that two have, bytes that are not there. */
export interface UnreadableTensor {
  readonly name: string
  /** Element type as the file names it; empty where the type is not the reason. */
  readonly type: string
  readonly shape?: readonly number[]
  /** Without the file and the tensor's name. */
  readonly problem: string
}

/** The tensors of a file by name: nested dictionaries are joined by dots; `model.` and `state_dict.` are kept. */
export interface Tensors {
  readonly tensors: ReadonlyMap<string, TensorView>
  /** Those that cannot be read: an error only for who asks for one of them. */
  readonly unreadable: ReadonlyMap<string, UnreadableTensor>
}

/** An open checkpoint. Only headers have been read. */
export interface Weights extends Tensors {
  /** Absolute path of the checkpoint as given, which may be a link. */
  readonly path: string
  readonly format: 'torch-zip' | 'torch-legacy' | 'safetensors' | 'npy' | 'npz'
  /**
   * The whole tree of a torch file (tensors in it are references, see `dataAt` and `toPlain`), the metadata of a
   * safetensors file, `undefined` if the format has none.
   */
  readonly data: Data | undefined
  /** Bytes of tensor data; the rest of the file is headers and records. */
  readonly tensorBytes: number
  close(): Promise<void>
}

/** Collects the tensors of a file; `tensors` throws FormatError if there are some and none can be read. */
export function listing(place: string): {
  add(view: TensorView): void
  refuse(tensor: UnreadableTensor): void
  tensors(): Tensors
} {
  const tensors = new Map<string, TensorView>()
  const unreadable = new Map<string, UnreadableTensor>()
  return {
    add: (view) => void tensors.set(view.name, view),
    refuse: (tensor) => void unreadable.set(tensor.name, tensor),
    tensors() {
      const [first] = unreadable.values()
      if (first && tensors.size === 0) throw new FormatError(`${place}: tensor ${first.name}`, first.problem)
      return { tensors, unreadable }
    },
  }
}
