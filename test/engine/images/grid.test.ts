import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { imageGrid, type RgbImage } from '../../../src/engine/images/index.ts'
import { drawText, fitText, textWidth } from '../../../src/engine/images/text.ts'
import { boxShrink, whiteImage } from '../../../src/engine/images/pixels.ts'

function plain(width: number, height: number, level: number): RgbImage {
  return { rgb: new Uint8Array(width * height * 3).fill(level), width, height }
}
const red = (image: RgbImage, x: number, y: number): number => image.rgb[(y * image.width + x) * 3]!
const images = [10, 20, 30, 40, 50].map((level) => plain(4, 3, level))

describe('imageGrid', () => {
  test('without labels matches make_grid: row-major, two pixels between and around', () => {
    const sheet = imageGrid({ images, columns: 3 })
    expect([sheet.width, sheet.height]).toEqual([3 * 6 + 2, 2 * 5 + 2])
    expect([
      red(sheet, 2, 2),
      red(sheet, 8, 4),
      red(sheet, 14, 2),
      red(sheet, 2, 7),
      red(sheet, 11, 9),
    ]).toEqual([10, 20, 30, 40, 50])
    expect([red(sheet, 0, 0), red(sheet, 6, 2), red(sheet, 2, 5), red(sheet, 14, 7)]).toEqual([
      255, 255, 255, 255,
    ])
  })

  test('minCell enlarges by a whole factor, so that pixels become squares', () => {
    const image = { ...plain(4, 3, 0), rgb: Uint8Array.from({ length: 36 }, (_, i) => i) }
    const sheet = imageGrid({ images: [image], minCell: 10, gap: 0 })
    expect([sheet.width, sheet.height]).toEqual([12, 9])
    for (let y = 0; y < 9; y++)
      for (let x = 0; x < 12; x++)
        expect(red(sheet, x, y)).toBe((Math.floor(y / 3) * 4 + Math.floor(x / 3)) * 3)
  })

  test('a smaller image is centered', () => {
    const sheet = imageGrid({ images: [plain(6, 6, 0), plain(2, 2, 9)], columns: 2, gap: 0 })
    expect([red(sheet, 8, 2), red(sheet, 9, 3), red(sheet, 7, 2), red(sheet, 10, 3)]).toEqual([
      9, 9, 255, 255,
    ])
  })

  test('a sheet above maxPixels gets smaller cells', () => {
    const many = Array.from({ length: 500 }, (_, i) => plain(64, 64, i % 250))
    const sheet = imageGrid({ images: many, columns: 25, maxPixels: 300_000 })
    expect(sheet.width * sheet.height).toBeLessThanOrEqual(300_000)
    expect(sheet.width).toBe(25 * (22 + 2) + 2)
    expect([red(sheet, 2, 2), red(sheet, 26, 2)]).toEqual([0, 1])
  })

  test('shrinking averages blocks, including the smaller ones at the edges', () => {
    const image = {
      rgb: Uint8Array.from({ length: 27 }, (_, i) => 10 * Math.floor(i / 3)),
      width: 3,
      height: 3,
    }
    const shrunk = boxShrink(image, 2)
    expect([shrunk.width, shrunk.height]).toEqual([2, 2])
    expect([0, 3, 6, 9].map((at) => shrunk.rgb[at])).toEqual([20, 35, 65, 80])
  })

  test('labels get space of their own and do not cover images', () => {
    const cells = images.map((_, i) => `cell ${i}`)
    const labels = { title: 'Title', rows: ['one', 'two'], columns: ['a', 'b', 'c'], cells }
    const large = [60, 70, 80, 90, 100].map((level) => plain(64, 48, level))
    const sheet = imageGrid({ images: large, columns: 3, labels })
    const count = (level: number): number => sheet.rgb.filter((value) => value === level).length / 3
    for (const level of [60, 70, 80, 90, 100]) expect(count(level)).toBeGreaterThanOrEqual(64 * 48)
    const bare = imageGrid({ images: large, columns: 3, labels: { ...labels, title: '' } })
    expect(sheet.height).toBeGreaterThan(bare.height)
    expect(sheet.rgb.filter((value) => value < 60).length).toBeGreaterThan(50 * 3)
    expect(imageGrid({ images: large, columns: 3, labels })).toEqual(sheet)
  })

  test('refuses no images, no columns and a limit too small for one row', () => {
    expect(() => imageGrid({ images: [] })).toThrow('at least one image')
    expect(() => imageGrid({ images, columns: 0 })).toThrow('invalid number of grid columns: 0')
    expect(() => imageGrid({ images, maxPixels: 10 })).toThrow('would exceed')
  })
})

describe('text', () => {
  // FreeType's large glyphs reduced to 40 pixels: they agree but for rounding along the edges.
  test('glyphs match those of FreeType', async () => {
    const [width, height] = [336, 60]
    const grey = await readFile(join(import.meta.dirname, '../../fixtures/images/glyphs-336x60.grey'))
    const canvas = whiteImage(width, height)
    ;[...'Äg&8ñ½…'].forEach((character, i) => drawText(canvas, character, 48 * i + 4, 44, { size: 40 }, 0))
    for (let cell = 0; cell < 7; cell++) {
      let [ink, difference] = [0, 0]
      for (let y = 0; y < height; y++)
        for (let x = cell * 48; x < cell * 48 + 48; x++) {
          ink += grey[y * width + x]!
          difference += Math.abs(255 - red(canvas, x, y) - grey[y * width + x]!)
        }
      expect(difference / ink, `glyph ${cell}`).toBeLessThan(0.05)
    }
  })

  test('widths are the sum of advances: A is 1401 and space 651 of 2048 units', () => {
    expect(textWidth('A A', { size: 2048 })).toBe(1401 + 651 + 1401)
  })

  test('text that is too long is shortened with an ellipsis to fit', () => {
    const style = { size: 12 }
    const fitted = fitText('a rather long caption', 60, style)
    expect(fitted).toMatch(/^a rat.*…$/)
    expect(textWidth(fitted, style)).toBeLessThanOrEqual(60)
    expect(fitText('short', 60, style)).toBe('short')
    expect(fitText('short', 1, style)).toBe('')
  })
})
