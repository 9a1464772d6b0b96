// The writer against byte strings worked out from the protobuf encoding guide.
import { expect, test } from 'vitest'
import { ProtobufWriter } from '../../../src/engine/bytes/protobuf.ts'

function hex(write: (writer: ProtobufWriter) => void): string {
  const writer = new ProtobufWriter()
  write(writer)
  return Buffer.from(writer.finish()).toString('hex')
}

test('encodes the examples of the encoding guide', () => {
  expect(hex((w) => w.int(1, 150))).toBe('089601')
  expect(hex((w) => w.string(2, 'testing'))).toBe('120774657374696e67')
  expect(hex((w) => w.message(3, (inner) => inner.int(1, 150)))).toBe('1a03089601')
  expect(hex((w) => w.packedInts(6, [3, 270, 86942]))).toBe('3206038e029ea705')
  expect(hex((w) => w.int(1, -2))).toBe('08feffffffffffffffff01')
})

test('encodes wide integers from number and bigint', () => {
  expect(hex((w) => w.int(1, 2 ** 40))).toBe(hex((w) => w.int(1, 2n ** 40n)))
  expect(hex((w) => w.int(1, -(2n ** 63n)))).toBe('0880808080808080808001')
  expect(hex((w) => w.int(1, 2n ** 64n - 1n))).toBe('08ffffffffffffffffff01')
  expect(hex((w) => w.int(16, 0))).toBe('800100')
})

test('encodes floats, raw bytes, and messages longer than the first buffer', () => {
  expect(hex((w) => w.float(5, 1.5))).toBe('2d0000c03f')
  expect(hex((w) => w.packedFloats(5, [1.5, -2]))).toBe('2a080000c03f000000c0')
  const long = hex((w) => w.message(1, (inner) => inner.bytes(2, new Uint8Array(1000).fill(7))))
  expect(long).toBe('0aeb0712e807' + '07'.repeat(1000))
})

test('refuses values that cannot be encoded', () => {
  expect(() => hex((w) => w.int(0, 1))).toThrow('protobuf field number out of range: 0')
  expect(() => hex((w) => w.int(1, 0.5))).toThrow('integer out of range: 0.5')
  expect(() => hex((w) => w.int(1, 2n ** 64n))).toThrow('18446744073709551616')
})
