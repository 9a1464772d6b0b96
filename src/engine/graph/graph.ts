// The graph as plain data: made by the builder, serialised by the writer, printed as text.

/** Element types of graph values, by the short names used for checkpoint tensors. */
export type ElementType = 'f64' | 'f32' | 'f16' | 'bf16' | 'i64' | 'i32' | 'i16' | 'i8' | 'u8' | 'bool'

/** Bytes of one element. */
export const ELEMENT_BYTES: Record<ElementType, number> = {
  f64: 8,
  f32: 4,
  f16: 2,
  bf16: 2,
  i64: 8,
  i32: 4,
  i16: 2,
  i8: 1,
  u8: 1,
  bool: 1,
}

/** A known size, or the name of a size known at run time (`B`, `P+T`). */
export type Dim = number | string

/** A tensor that flows through the graph. */
export interface Value {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly Dim[]
}

/** An attribute; its kind comes from the op table. A Graph is the body of a Loop. */
export type Attribute = number | string | readonly number[] | Graph

export interface Node {
  readonly op: string
  /** `null` for an omitted optional input. */
  readonly inputs: readonly (Value | null)[]
  readonly outputs: readonly Value[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** A constant of the graph: bytes in the graph itself, or a range of a file (never copied). */
export interface Initializer {
  readonly value: Value
  readonly data:
    | { readonly kind: 'inline'; readonly bytes: Uint8Array }
    | { readonly kind: 'file'; readonly path: string; readonly offset: number; readonly length: number }
}

export interface Graph {
  readonly name: string
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  readonly initializers: readonly Initializer[]
  readonly nodes: readonly Node[]
}

/** Number of elements. Throws if a size is only known at run time. */
export function elementCount(shape: readonly Dim[]): number {
  return shape.reduce<number>((count, dim) => {
    if (typeof dim === 'string') throw new Error(`size of ${dim} is only known at run time`)
    return count * dim
  }, 1)
}
