// Random resized crops against those of Pillow, with the same draws (test/fixtures/metrics/make-released-probe.py).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { randomPart, randomResizedCrop } from '../../../src/engine/images/random-crop.ts'
import { uniform } from '../metrics/formula.ts'

interface Crop {
  readonly draws: readonly number[]
  readonly part: readonly number[]
  readonly pixels: readonly number[]
}
const { width, height, crops } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/metrics/released-probe.json'), 'utf8'),
) as { readonly width: number; readonly height: number; readonly crops: readonly Crop[] }
const rgb = Uint8Array.from(uniform(width * height * 3, 5), (value) => Math.floor((value + 0.5) * 256))

test('crops equal those of Pillow, bilinear and mirrored', () => {
  expect(crops.some(({ draws }) => draws[40]! < 0.5)).toBe(true)
  for (const { draws, part, pixels } of crops) {
    const draw = (position: number) => draws[position]!
    const [left, top, w, h] = part
    expect(randomPart({ rgb, width, height }, draw)).toEqual({ left, top, width: w, height: h })
    expect([...randomResizedCrop({ rgb, width, height }, 12, draw).rgb]).toEqual(pixels)
  }
})

test('where no part fits, the widest shape in the middle is taken', () => {
  const wide = { rgb: new Uint8Array(100 * 6 * 3), width: 100, height: 6 }
  // All of the area: every part is higher than the image.
  expect(randomPart(wide, () => 0.999)).toEqual({ left: 46, top: 0, width: 8, height: 6 })
})
