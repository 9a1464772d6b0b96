// What test/equal-arrays.ts makes fast is compared as strictly as before.
import { expect, it } from 'vitest'

const BYTES = 1000
const picture = (bytes = BYTES) => new Uint8Array(bytes).fill(7)

it('arrays that differ in one element, in length or in kind are not equal', () => {
  const other = picture()
  other[BYTES - 1] = 8
  expect({ rgb: picture() }).toEqual({ rgb: picture() })
  expect({ rgb: picture() }).not.toEqual({ rgb: other })
  expect(picture()).not.toEqual(picture().subarray(1))
  expect(Buffer.from(picture())).not.toEqual(picture())
  expect(new Float32Array([0, NaN])).toEqual(new Float32Array([0, NaN]))
  expect(new Float32Array([0])).not.toEqual(new Float32Array([-0]))
  expect([1, 2]).toEqual([1, 2])
  expect([1, 2]).not.toEqual([1, 3])
  expect([1, 2]).not.toEqual([1, '2'])
  expect([1, undefined]).not.toStrictEqual(Object.assign([1], { length: 2 }))
  expect(Object.assign([1, 2], { name: 'a' })).not.toEqual([1, 2])
})
