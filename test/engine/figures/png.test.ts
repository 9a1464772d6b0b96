import { describe, expect, it } from 'vitest'
import { paint } from '../../../src/engine/figures/paint.ts'
import { pngBytes } from '../../../src/engine/figures/png.ts'
import { drawShape, type Band } from '../../../src/engine/figures/raster.ts'
import { decodeImage, fillPolygons, type Point, type RgbImage } from '../../../src/engine/images/index.ts'
import { bytesOf, figureOf, FILES, patternOf } from './figure-of.ts'

const blank = (width: number, height: number): RgbImage => ({
  rgb: new Uint8Array(width * height * 3).fill(255),
  width,
  height,
})
const { list, figure, fonts } = figureOf()
const png = (bandPixels?: number, fields: object = {}) => {
  const made = figureOf(fields)
  return bytesOf(pngBytes(made.list, made.figure, fonts, FILES, bandPixels))
}

describe('a PNG', () => {
  it('has the size of the figure at its dpi, drawn in bands of any height', async () => {
    const [whole, narrow] = [await decodeImage(await png()), await decodeImage(await png(5000))]
    expect([whole.width, whole.height]).toEqual([550, Math.round((list.height * 100) / 72)])
    expect(Buffer.from(narrow.rgb).equals(Buffer.from(whole.rgb))).toBe(true)
  })

  it('has the same bytes each time, and records its density', async () => {
    const first = await png()
    expect(first.equals(await png())).toBe(true)
    const at = first.indexOf('pHYs')
    expect(first.readUInt32BE(at + 4)).toBe(3937)
  })

  it('shows an image exactly as painted at its size', async () => {
    const { rgb, width } = await decodeImage(await png())
    const item = list.items.find((item) => item.kind === 'image' && item.source.of === 'image')
    if (item?.kind !== 'image') throw new Error('no image')
    const [x, y, w, h] = [item.x, item.y, item.width, item.height].map((l) => Math.round((l * 100) / 72)) as [
      number,
      number,
      number,
      number,
    ]
    const painted = await paint(item, w, h, 'smooth', FILES)
    // A row below the inset's frame.
    const row = h - 2
    const shown = rgb.subarray(((y + row) * width + x) * 3, ((y + row) * width + x + 8) * 3)
    expect([...shown]).toEqual([...painted.rgb.subarray(row * w * 3, (row * w + 8) * 3)])
  })

  it('fails with the cause of an error while drawing', async () => {
    const broken = { ...FILES, image: () => Promise.reject(new Error('gone')) }
    await expect(bytesOf(pngBytes(list, figure, fonts, broken))).rejects.toThrow('gone')
  })
})

describe('shapes', () => {
  const draw = (item: Parameters<typeof drawShape>[1], scale = 1): Band => {
    const band: Band = { ...blank(8, 8), top: 0, scale }
    drawShape(band, item, fonts)
    return band
  }
  const grey = ({ rgb }: RgbImage, x: number, y: number) => rgb[(y * 8 + x) * 3]

  it('shade edge pixels by the covered area', () => {
    const band = draw({ kind: 'rect', x: 1, y: 1, width: 2.5, height: 1.25, fill: '#000000' })
    expect([1, 2, 3, 4].map((x) => grey(band, x, 1))).toEqual([0, 0, 128, 255])
    expect([1, 3].map((x) => grey(band, x, 2))).toEqual([191, 223])
  })

  it('include lines with width, dashes and gaps', () => {
    const points = [
      [0, 4],
      [8, 4],
    ] as const
    const line = { kind: 'line', points, stroke: '#000000', lineWidth: 2 } as const
    expect([2, 3, 4, 5].map((y) => grey(draw(line), 3, y))).toEqual([255, 0, 0, 255])
    const dashed = draw({ ...line, dash: [2, 1] })
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((x) => grey(dashed, x, 4))).toEqual([0, 0, 255, 0, 0, 255, 0, 0])
  })

  it('include rotated text, which reads upwards from its start', () => {
    const words = {
      kind: 'text',
      x: 7,
      y: 8,
      text: 'l',
      size: 8,
      face: 'regular',
      anchor: 'start',
      fill: '#000000',
    } as const
    const ink = (band: Band) => band.rgb.reduce((sum, value) => sum + (255 - value), 0)
    expect(ink(draw({ ...words, turned: true }))).toBeGreaterThan(1000)
    expect(ink(draw({ ...words, y: 0, turned: true }))).toBe(0)
  })
})

it('a polygon larger than the image is clipped on all sides', () => {
  const star: Point[] = Array.from({ length: 5 }, (_, i) => {
    const angle = (4 * Math.PI * i) / 5
    return [20 + 30 * Math.sin(angle), 20 - 30 * Math.cos(angle)]
  })
  const whole = blank(80, 80)
  fillPolygons(whole, [star.map(([x, y]): Point => [x + 20, y + 20])], [10, 20, 30])
  const part = blank(31, 23)
  fillPolygons(part, [star.map(([x, y]): Point => [x + 2, y - 5])], [10, 20, 30])
  let worst = 0
  for (let y = 0; y < 23; y++)
    for (let i = 0; i < 31 * 3; i++)
      worst = Math.max(worst, Math.abs(part.rgb[y * 93 + i]! - whole.rgb[((y + 25) * 80 + 18) * 3 + i]!))
  // Rounding of equal shares that were summed in another order.
  expect(worst).toBeLessThanOrEqual(1)
})

it('"pixels" enlarges each pixel to a square', async () => {
  const item = {
    kind: 'image',
    x: 0,
    y: 0,
    width: 1,
    height: 1,
    source: { of: 'image', image: 'a' },
  } as const
  const { rgb } = await paint(item, 128, 128, 'pixels', FILES)
  const { rgb: original } = patternOf('a')
  for (const [x, y] of [
    [0, 0],
    [1, 1],
    [2, 0],
    [127, 127],
  ] as const)
    expect([...rgb.subarray((y * 128 + x) * 3, (y * 128 + x) * 3 + 3)]).toEqual([
      ...original.subarray(((y >> 1) * 64 + (x >> 1)) * 3, ((y >> 1) * 64 + (x >> 1)) * 3 + 3),
    ])
})

it('an image with more pixels than any may have is refused, with the remedy', async () => {
  const { figure, fonts, list } = figureOf({
    page: { width: 60 },
    dpi: 2400,
    rows: [[{ kind: 'grid', columns: 1, images: [{ file: 'a' }] }]],
  })
  await expect(bytesOf(pngBytes(list, figure, fonts, FILES))).rejects.toThrow(
    /^image of \d{5} x \d{5} pixels: too large to draw \(maximum \d+ pixels\); lower the dpi or the width of the page$/,
  )
})
