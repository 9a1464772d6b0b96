import { DIGIT_GRID } from '../../../../src/shared/grid/layout.ts'
import { expect, it } from 'vitest'
import { cellsWhere } from '../../../../src/renderer/state/images/cells.ts'
import { differenceBy, pixelDifference } from '../../../../src/renderer/state/images/pixel-difference.ts'

const SIDE = 32
/** A gray picture with other colors at some pixels. */
function picture(
  others: Readonly<Record<number, readonly [number, number, number]>> = {},
): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(SIDE * SIDE * 4).fill(100)
  for (const [pixel, rgb] of Object.entries(others)) pixels.set([...rgb, 255], Number(pixel) * 4)
  return pixels
}

it('the difference is the mean absolute difference over the channels', () => {
  const changed = picture({ 5: [130, 100, 100], 40: [40, 85, 100] })
  for (const { values, mean, largest } of [
    pixelDifference(picture(), changed, SIDE),
    pixelDifference(changed, picture(), SIDE),
  ]) {
    expect([values[5], values[40], values[6]]).toEqual([10, 25, 0])
    expect(mean).toBeCloseTo(35 / 1024, 12)
    expect(largest).toBe(25)
  }
})

it('the difference is split into inside and outside of cells', () => {
  // A cell has 2 x 2 pixels: cell 0 holds the pixels 0, 1, 32 and 33.
  const changed = picture({ 0: [112, 112, 112], 33: [108, 108, 108], 2: [101, 101, 101] })
  const difference = pixelDifference(picture(), changed, SIDE)
  const { inside, outside } = differenceBy(
    difference,
    cellsWhere(DIGIT_GRID, (cell) => cell === 0),
  )
  expect(inside).toBe(5)
  expect(outside).toBeCloseTo(1 / 1020, 6)
  expect(
    differenceBy(
      difference,
      cellsWhere(DIGIT_GRID, () => false),
    ).inside,
  ).toBeUndefined()
})

it('pictures of different sizes are refused', () => {
  expect(() => pixelDifference(picture(), new Uint8ClampedArray(4), SIDE)).toThrow('1 pixels')
})
