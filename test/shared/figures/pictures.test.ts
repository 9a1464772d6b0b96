import { gridOfSide } from '../../../src/shared/grid/shape.ts'
import { describe, expect, it } from 'vitest'
import { hex, tokenColour, viridis } from '../../../src/shared/figures/colour.ts'
import {
  cellsOver,
  deviations,
  difference,
  fadedCells,
  meanImage,
  momentsOf,
  type Pixels,
} from '../../../src/shared/figures/pictures.ts'

const flat = (value: number): Pixels => ({
  rgb: new Uint8Array(32 * 32 * 3).fill(value),
  width: 32,
  height: 32,
})
async function* inTurn(images: readonly Pixels[]) {
  yield* images
}

describe('cells of 2 x 2 pixels', () => {
  it('fade by the given share, and no other pixel changes', () => {
    const { rgb } = fadedCells(flat(55), gridOfSide(16), [17], 0.5)
    const changed = Array.from({ length: 1024 }, (_, i) => i).filter((i) => rgb[3 * i] !== 55)
    // Cell 17 is row 1, column 1.
    expect(changed).toEqual([2 * 32 + 2, 2 * 32 + 3, 3 * 32 + 2, 3 * 32 + 3])
    expect(rgb[3 * changed[0]!]).toBe(155)
  })

  it('have the color of their token', () => {
    const cells = Array.from({ length: 256 }, (_, i) => hex(tokenColour(i))).join('')
    const { rgb } = cellsOver(flat(0), cells, 1)
    expect([...rgb.subarray(0, 3)]).toEqual([...tokenColour(0)])
    expect([...rgb.subarray(3 * (32 * 31 + 31))]).toEqual([...tokenColour(255)])
    expect(cellsOver(flat(9), cells, 0).rgb).toEqual(flat(9).rgb)
  })
})

it('mean and standard deviation of 10, 20 and 60 are 30 and 26.458', async () => {
  const moments = (await momentsOf(inTurn([flat(10), flat(20), flat(60)])))!
  expect(meanImage(moments).rgb[0]).toBe(30)
  // numpy.std([10, 20, 60])
  expect(deviations(moments)[0]).toBeCloseTo(26.457513110645905, 9)
  expect(await momentsOf(inTurn([]))).toBeUndefined()
})

it('the difference of equal images is white', () => {
  expect(difference(flat(7), flat(7)).rgb[0]).toBe(255)
  expect(difference(flat(0), flat(255)).rgb[0]).toBe(0)
})

it('the color map has the first and last colors of viridis', () => {
  expect([viridis(0), viridis(1), viridis(2)]).toEqual([
    [68, 1, 84],
    [253, 231, 37],
    [253, 231, 37],
  ])
})
