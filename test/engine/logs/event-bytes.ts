// Scalars -> the bytes of an event file, as TensorBoard's writers make them.
import { maskedCrc32c } from '../../../src/engine/logs/crc32c.ts'

export const concat = (...parts: readonly ArrayLike<number>[]): Uint8Array => joined(parts)
function joined(parts: readonly ArrayLike<number>[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
export const text = (value: string): Uint8Array => new TextEncoder().encode(value)
export const tag = (field: number, kind: number): number[] => [(field << 3) | kind]
export const float32 = (value: number): Uint8Array => new Uint8Array(Float32Array.of(value).buffer)

function varint(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) | 128)
  }
}
const u32 = (value: number) => new Uint8Array(Uint32Array.of(value).buffer)
const block = (field: number, bytes: ArrayLike<number>) => concat(tag(field, 2), varint(bytes.length), bytes)

export function record(data: Uint8Array): Uint8Array {
  const length = concat(u32(data.length), u32(0))
  return concat(length, u32(maskedCrc32c(length)), data, u32(maskedCrc32c(data)))
}

export interface WrittenEvent {
  readonly step: number
  readonly values: readonly (readonly [string, number])[]
}

export function eventMessage({ step, values }: WrittenEvent): Uint8Array {
  const summary = values.map(([name, value]) =>
    block(1, concat(block(1, text(name)), tag(2, 5), float32(value))),
  )
  return concat(tag(2, 0), varint(step), block(5, concat(...summary)))
}

/** An event a step, after the record that says the version. */
export function eventFile(steps: readonly WrittenEvent[]): Uint8Array {
  return joined([record(block(3, text('brain.Event:2'))), ...steps.map((step) => record(eventMessage(step)))])
}
