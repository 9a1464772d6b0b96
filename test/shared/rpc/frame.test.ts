import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frameToMessage, messageToFrame } from '../../../src/shared/rpc/frame.ts'

/** Anything JSON keeps, with typed arrays anywhere in it. */
const arrays = [
  fc.uint8Array(),
  fc.int8Array(),
  fc.uint16Array(),
  fc.int16Array(),
  fc.uint32Array(),
  fc.int32Array(),
  fc.float32Array(),
  fc.float64Array(),
]
const message = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string(),
    ...arrays,
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'arrays')), tie('any'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).any

it('any message survives encoding and decoding', () => {
  fc.assert(
    fc.property(message, fc.nat(9), (value, shift) => {
      const frame = messageToFrame(value)
      // As a slice of something larger, at any offset.
      const within = new Uint8Array(frame.length + shift)
      within.set(frame, shift)
      expect(frameToMessage(within.subarray(shift))).toEqual(value)
    }),
    { numRuns: 300 },
  )
})

it('a Buffer becomes bytes, undefined fields are dropped, and 64-bit arrays are refused', () => {
  const sent = { image: Buffer.from('png'), absent: undefined }
  expect(frameToMessage(messageToFrame(sent))).toEqual({ image: Uint8Array.from(Buffer.from('png')) })
  expect(() => messageToFrame({ big: new BigInt64Array(1) })).toThrow('big: this array type cannot be sent')
})

/** A frame with this header and no arrays. */
function frameOf(header: string): Uint8Array {
  const bytes = new TextEncoder().encode(header)
  return Uint8Array.from([...new Uint8Array(Uint32Array.of(bytes.length).buffer), ...bytes])
}

it('refuses a frame that nests too deeply or has too many values', () => {
  const nested = (depth: number) => `{"value":${'['.repeat(depth)}${']'.repeat(depth)},"arrays":[]}`
  expect(frameToMessage(frameOf(nested(63)))).toHaveLength(1)
  for (const depth of [64, 4000, 100_000])
    expect(() => frameToMessage(frameOf(nested(depth))), String(depth)).toThrow(
      'broken frame: the header is not JSON (nested too deep (expected at most 64 levels))',
    )
  expect(() => frameToMessage(frameOf('{"value":[1,2,3,4,5,6,7,8],"arrays":[]}'), 10)).toThrow(
    'too many values',
  )
})

it('refuses to send a frame that the other side would refuse', () => {
  let deep: unknown = 0
  for (let depth = 1; depth <= 63; depth++) deep = [deep]
  expect(frameToMessage(messageToFrame(deep))).toEqual(deep)
  expect(() => messageToFrame([deep])).toThrow('nested too deep to be sent (at 0.0.0...)')
})

describe('a broken frame', () => {
  const frame = messageToFrame({ a: new Float32Array([1, 2]), b: 'text' })
  const refused = (bytes: Uint8Array) => {
    try {
      frameToMessage(bytes)
      return true
    } catch (error) {
      return (error as Error).name === 'FormatError'
    }
  }
  const withHeader = (header: unknown, length = 0) => {
    const text = new TextEncoder().encode(JSON.stringify(header))
    const bytes = new Uint8Array(Math.ceil((4 + text.length) / 8) * 8 + length)
    new DataView(bytes.buffer).setUint32(0, text.length, true)
    bytes.set(text, 4)
    return bytes
  }

  it('is refused if cut anywhere or too long', () => {
    for (let length = 0; length < frame.length; length++)
      expect(() => frameToMessage(frame.subarray(0, length)), String(length)).toThrow('broken frame')
    expect(() => frameToMessage(Uint8Array.from([...frame, 0]))).toThrow('the content ends at')
  })

  it('of random or changed bytes raises no error other than a format error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), refused), { numRuns: 500 })
    const mutated = fc.tuple(fc.nat(frame.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(mutated, { maxLength: 5 }), (changes) => {
        const bytes = frame.slice()
        for (const [at, value] of changes) bytes[at] = value
        return refused(bytes)
      }),
      { numRuns: 1000 },
    )
  })

  it('is refused if the place of an array is invalid', () => {
    const place = (path: unknown[], type = 'Uint8Array', length = 8) =>
      withHeader({ value: { a: null, b: 1 }, arrays: [{ path, type, length }] }, 8)
    expect(frameToMessage(place(['a']))).toEqual({ a: new Uint8Array(8), b: 1 })
    for (const path of [['b'], ['c'], ['__proto__', 'x'], ['constructor'], ['a', 'length'], [], ['b', 'x']])
      expect(() => frameToMessage(place(path)), path.join()).toThrow('broken frame')
    for (const type of ['BigInt64Array', 'toString', ''])
      expect(() => frameToMessage(place(['a'], type))).toThrow()
    for (const length of [-1, 0.5, 1e300, 9])
      expect(() => frameToMessage(place(['a'], 'Uint8Array', length))).toThrow()
  })
})
