import { expect, it } from 'vitest'
import { matchRows } from '../../../../src/renderer/state/codebooks/codebooks.ts'
import type { Matching } from '../../../../src/shared/atlas/codebooks.ts'

const matching: Matching = {
  by: 'overlap',
  match: Int32Array.from([7, 3, -1, 3]),
  share: Float32Array.from([0.5, 1, NaN, 0.25]),
  mutual: 2,
  agreement: 0.6,
}
const cells = [10, 4, 0, 30]
const entries = (...asked: [Parameters<typeof matchRows>[2], string]) =>
  matchRows(matching, cells, ...asked).map(({ entry }) => entry)

it('lists the entries in use, in the requested order', () => {
  expect(entries('id', '')).toEqual([0, 1, 3])
  expect(entries('used', '')).toEqual([3, 0, 1])
  expect(entries('agree', '')).toEqual([1, 0, 3])
  expect(entries('differ', '')).toEqual([3, 0, 1])
})
it('searches the numbers of both codebooks', () => {
  expect(entries('id', '3')).toEqual([1, 3])
  expect(entries('id', '7')).toEqual([0])
  expect(entries('id', '2')).toEqual([])
})
