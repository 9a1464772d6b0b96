// What torch and numpy say is in test/fixtures/checkpoint, and how to compare with it.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plain } from '../../../src/engine/checkpoint/plain.ts'

export interface TensorReference {
  dtype: string
  shape: number[]
  contiguous: boolean
  values: string[]
}

/** Plain data in JSON: dicts as pairs, so that any key may occur. */
export type DataReference =
  | null
  | boolean
  | number
  | string
  | DataReference[]
  | { dict: [DataReference, DataReference][] }
  | { bytes: number[] }
  | { bigint: string }

interface Reference {
  tensors: Record<string, TensorReference>
  safetensors: Record<string, TensorReference>
  arrays: Record<string, { shape: number[]; values: string[] }>
  data: DataReference
  /** Protocol -> the same data, base64. */
  pickles: Record<string, string>
  reduceOsSystem: string
}

/** Absolute path of a file in test/fixtures/checkpoint. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/checkpoint/${name}`, import.meta.url))
}

export const reference = JSON.parse(readFileSync(fixture('reference.json'), 'utf8')) as Reference

const WORDS = new Map([
  ['True', 1],
  ['False', 0],
  ['inf', Infinity],
  ['-inf', -Infinity],
  ['nan', NaN],
])

/** Python's repr of each value -> what a typed array of that element type holds. */
export function valuesOf(values: readonly string[], type: string): (number | bigint)[] {
  const wide = type === 'i64' || type === 'u64'
  return values.map((text) => WORDS.get(text) ?? (wide ? BigInt(text) : Number(text)))
}

/** Our plain data in the reference's JSON form. */
export function plainToReference(data: Plain): DataReference {
  if (typeof data === 'bigint') return { bigint: String(data) }
  if (data instanceof Uint8Array) return { bytes: [...data] }
  if (data instanceof Map)
    return { dict: [...data].map(([key, value]) => [plainToReference(key), plainToReference(value)]) }
  if (Array.isArray(data)) return data.map(plainToReference)
  if (typeof data === 'object' && data !== null) throw new Error('a tensor is not plain data')
  return data
}
