// The mean picture and the deviation of its pixels, against the definition in two passes.
import { describe, expect, it } from 'vitest'
import { pixelSums } from '../../../../src/renderer/state/images/pixel-statistics.ts'

const SIDE = 5
const picture = (n: number) =>
  Uint8ClampedArray.from({ length: SIDE * SIDE * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : (i * 37 + n * n * 59 + (i % 7) * n * 11) % 256,
  )

describe('pixel statistics', () => {
  it('pixel statistics match their definition', () => {
    const pictures = [0, 1, 2, 3, 4, 5].map(picture)
    const sums = pixelSums(SIDE)
    pictures.forEach((pixels) => sums.add(pixels))
    const { mean, deviation, meanDeviation, largest, images } = sums.result()
    const expected = Array.from({ length: SIDE * SIDE }, (_, pixel) => {
      const channels = [0, 1, 2].map((channel) => {
        const values = pictures.map((pixels) => pixels[pixel * 4 + channel]!)
        const average = values.reduce((a, b) => a + b) / values.length
        return Math.sqrt(values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length)
      })
      return channels.reduce((a, b) => a + b) / 3
    })
    // float32 holds 24 bits.
    expected.forEach((value, pixel) => expect(deviation[pixel]).toBeCloseTo(value, 4))
    expect(meanDeviation).toBeCloseTo(expected.reduce((a, b) => a + b) / expected.length, 8)
    expect(largest).toBeCloseTo(Math.max(...expected), 8)
    expect(images).toBe(6)
    expect(mean[4]).toBe(Math.round(pictures.reduce((sum, pixels) => sum + pixels[4]!, 0) / 6))
    expect(mean[3]).toBe(255)
  })
  it('the deviation of one picture, or the same picture twice, is zero', () => {
    const sums = pixelSums(SIDE)
    sums.add(picture(3))
    sums.add(picture(3))
    expect(sums.result()).toMatchObject({ largest: 0, meanDeviation: 0 })
    expect([...sums.result().mean]).toEqual([...picture(3)])
  })
  it('pixel statistics refuse a picture of another size', () => {
    expect(() => pixelSums(4).add(picture(0))).toThrow('a picture of 25 pixels among pictures of 4 x 4')
  })
})
