import { expect, it } from 'vitest'
import { cropAndFlip, preprocess, resizeBicubic, type RgbImage } from '../../../src/engine/images/index.ts'

const WIDE: RgbImage = {
  width: 90,
  height: 60,
  rgb: Uint8Array.from({ length: 90 * 60 * 3 }, (_, i) => (i * 7919) % 251),
}
const SIDE = 32
const draw = (left: number, top: number, flip = false) => cropAndFlip(WIDE, SIDE, { left, top, flip })
/** The whole picture at the size that is cropped from: 48 x 32, 17 places. */
const whole = resizeBicubic(WIDE, 48, SIDE)
const columnsFrom = (first: number) =>
  Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const [row, column, channel] = [Math.floor(i / 3 / SIDE), Math.floor(i / 3) % SIDE, i % 3]
    return whole.rgb[(row * 48 + first + column) * 3 + channel]!
  })

it('every position of a crop is equally likely, the last included', () => {
  for (let place = 0; place < 17; place++)
    expect(draw((place + 0.5) / 17, 0.9).rgb).toEqual(columnsFrom(place))
  expect(draw(0, 0).rgb).toEqual(columnsFrom(0))
  expect(draw(1 - 2 ** -24, 0).rgb).toEqual(columnsFrom(16))
})

it('the middle position is the center crop', () => {
  expect(draw(0.5, 0.5)).toEqual(preprocess(WIDE, SIDE))
})

it('a flip mirrors the columns', () => {
  const [plain, flipped] = [draw(0.3, 0), draw(0.3, 0, true)]
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++)
      for (let c = 0; c < 3; c++)
        expect(flipped.rgb[(y * SIDE + x) * 3 + c]).toBe(plain.rgb[(y * SIDE + SIDE - 1 - x) * 3 + c])
})
