import { expect, test } from 'vitest'
import { haltonOrder, haltonPlaces } from '../../../src/engine/tokens/halton.ts'

// Computed with the original's function in NumPy; the last number is of the whole order: h = (31 h + cell) mod 1000003.
test.each([
  [16, [133, 74, 193, 39, 172, 99, 232, 30, 144, 85, 219, 50], [130, 36, 0, 25, 214, 182], 114537],
  [24, [296, 160, 434, 82, 378, 221, 517, 45, 312, 176, 472, 99], [212, 460, 108, 404, 59, 355], 699917],
])('the order of a grid of %i is the original one', (side, first, last, sum) => {
  const order = [...haltonOrder(side)]
  expect(order.slice(0, 12)).toEqual(first)
  expect(order.slice(-6)).toEqual(last)
  expect(order.reduce((h, cell) => (31 * h + cell) % 1000003, 0)).toBe(sum)
  const places = haltonPlaces(side)
  expect(order.map((cell) => places[cell])).toEqual([...order.keys()])
})
