// Precision of a run's networks: the names of the flags and the page, and the bits of specifications and records.
import * as z from 'zod'

/** By its name; its bits are the number in records since 0.1. */
export const PRECISIONS = {
  fp32: { bits: 32, title: 'float32, as published' },
  fp16: { bits: 16, title: 'float16: half the memory traffic' },
  int8: { bits: 8, title: '8-bit weights of the transformers: a quarter of the memory traffic' },
  int4: { bits: 4, title: '4-bit weights of the transformers: an eighth of the memory traffic' },
} as const
export type Precision = keyof typeof PRECISIONS
export type WeightBits = (typeof PRECISIONS)[Precision]['bits']

/** `auto`: 16 on a GPU where float16 agrees with float32, else 32. */
export const WeightBitsSchema = z.union([
  z.literal('auto'),
  z.literal(32),
  z.literal(16),
  z.literal(8),
  z.literal(4),
])
export type AskedBits = z.infer<typeof WeightBitsSchema>

export const PRECISION_NAMES = Object.keys(PRECISIONS) as Precision[]

/** The name of a number of bits, `auto` for automatic. */
export const precisionOf = (bits: AskedBits | number): Precision | 'auto' =>
  PRECISION_NAMES.find((name) => PRECISIONS[name].bits === bits) ?? 'auto'

/** A setting that a title or a command names: not what every run has. */
export const unusualPrecision = (bits: AskedBits): Precision[] => {
  const name = precisionOf(bits)
  return name === 'auto' || name === 'fp32' ? [] : [name]
}
