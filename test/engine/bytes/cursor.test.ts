// Values as they lie in bytes, and the place where bytes run out.
import { expect, test } from 'vitest'
import { Cursor, EndOfBytes } from '../../../src/engine/bytes/cursor.ts'
import { FormatError } from '../../../src/shared/errors.ts'

test('reads every kind of value', () => {
  const bytes = Buffer.from(
    '01' + '0200' + '03000000' + 'ffffffff' + '0000000001000000' + '3ff8000000000000' + '6869' + '0a',
    'hex',
  )
  const cursor = new Cursor(bytes, 'x')
  const values = [cursor.u8(), cursor.u16(), cursor.u32(), cursor.i32(), cursor.u64(), cursor.f64be()]
  expect(values).toEqual([1, 2, 3, -1, 2 ** 32, 1.5])
  expect(Buffer.from(cursor.line()).toString()).toBe('hi')
  expect(cursor.remaining).toBe(0)
})

test('refuses to read past the end, a line without an end and an impossible count', () => {
  const cursor = new Cursor(Buffer.alloc(9, 255), 'here')
  expect(() => cursor.take(10)).toThrow(
    new EndOfBytes('here', 'unexpected end of data at byte 9 (expected 10 bytes at byte 0)'),
  )
  expect(() => cursor.take(NaN)).toThrow(EndOfBytes)
  expect(() => cursor.line()).toThrow('here: unexpected end of data at byte 9 (expected a line at byte 0)')
  expect(() => cursor.u64()).toThrow(FormatError)
  expect(() => cursor.u16()).toThrow('expected 2 bytes at byte 8')
})
