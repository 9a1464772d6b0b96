// PSNR, SSIM and code usage against scikit-image (tools/metrics/pixel_similarity.py) and values by hand.
import { describe, expect, test } from 'vitest'
import { codeUsage, psnr, ssim, type Pixels } from '../../../src/engine/metrics/index.ts'

const [WIDTH, HEIGHT] = [32, 24]
const image = (value: (x: number, y: number, c: number) => number, width = WIDTH): Pixels => ({
  width,
  height: HEIGHT,
  rgb: Uint8Array.from({ length: width * HEIGHT * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3)
    return value(pixel % width, Math.floor(pixel / width), i % 3)
  }),
})
const first = (x: number, y: number, c: number) => (x * 7 + y * 13 + c * 29 + ((x * y) % 17) * 5) % 256
const a = image(first)
const b = image((x, y, c) =>
  Math.min(255, Math.max(0, first(x, y, c) + (((x * 3 + y * 5 + c) % 11) - 5) * 4)),
)

describe('two images', () => {
  // scikit-image 0.26 sums in another order.
  test('have the PSNR of scikit-image', () => expect(psnr(a, b)).toBeCloseTo(26.350394109299494, 10))
  test('have the SSIM of scikit-image', () => expect(ssim(a, b)).toBeCloseTo(0.9580853282906953, 10))
  test('that are equal have an SSIM of 1 and no finite PSNR', () => {
    expect(ssim(a, a)).toBeCloseTo(1, 12)
    expect(psnr(a, a)).toBe(Infinity)
  })
  test('of other sizes, or too small, are refused', () => {
    expect(() => psnr(a, image(first, 30))).toThrow('sizes differ (32 x 24 and 30 x 24)')
    expect(() => ssim(image(first, 8), image(first, 8))).toThrow('8 x 24: too small for SSIM')
  })
})

test('the perplexity of codes is exp of their entropy in nats', () => {
  // Shares 1/2, 1/4, 1/4: 1.5 bits, 2 ** 1.5.
  expect(
    codeUsage([
      [7, 7],
      [3, 9],
      [7, 7],
      [3, 9],
    ]),
  ).toEqual({
    used: 3,
    perplexity: expect.closeTo(2 ** 1.5, 12),
  })
  expect(() => codeUsage([])).toThrow('no tokens')
})
