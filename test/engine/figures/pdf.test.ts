import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openFonts } from '../../../src/engine/figures/fonts.ts'
import { paintAt } from '../../../src/engine/figures/paint.ts'
import { pdfBytes } from '../../../src/engine/figures/pdf.ts'
import { subsetFont } from '../../../src/engine/figures/subset.ts'
import { fontTable, trueType } from '../../../src/engine/images/index.ts'
import { FONT_FAMILIES } from '../../../src/shared/figures/page.ts'
import { bytesOf, figureOf, FILES } from './figure-of.ts'

interface Opened {
  readonly text: string
  /** Object number -> its dictionary and inflated stream. */
  readonly objects: ReadonlyMap<number, { dictionary: string; stream: Buffer }>
}

/** Reads by the table at the end, as readers do. */
function open(pdf: Buffer): Opened {
  const text = pdf.toString('latin1')
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)![1])
  const [, count] = /^xref\n0 (\d+)\n/.exec(text.slice(start))!
  const table = text
    .slice(start)
    .split('\n')
    .slice(2, 2 + Number(count))
  const objects = new Map(
    table.slice(1).map((row, i) => {
      const at = Number(row.slice(0, 10))
      const [head, dictionary, length] = /^(?:\d+) 0 obj\n<< (.*?)(?: \/Length (\d+))? >>\n/s.exec(
        text.slice(at, at + 5e4),
      )!
      expect(text.slice(at).startsWith(`${i + 1} 0 obj`)).toBe(true)
      const from = at + head.length + 'stream\n'.length
      const stream = length ? inflateSync(pdf.subarray(from, from + Number(length))) : Buffer.alloc(0)
      return [i + 1, { dictionary: dictionary!, stream }] as const
    }),
  )
  return { text, objects }
}

/** Text of a page's content by the fonts' own ToUnicode tables. */
function pageText({ objects }: Opened): string[] {
  const page = objects.get(3)!.dictionary
  const unicode = (font: string): Map<string, string> => {
    const id = Number(new RegExp(`/${font} (\\d+) 0 R`).exec(page)![1])
    const map = Number(/\/ToUnicode (\d+) 0 R/.exec(objects.get(id)!.dictionary)![1])
    const pairs = objects
      .get(map)!
      .stream.toString('latin1')
      .matchAll(/^<(\w{4})> <(\w+)>$/gm)
    return new Map([...pairs].map(([, glyph, code]) => [glyph!, String.fromCodePoint(parseInt(code!, 16))]))
  }
  const content = objects.get(4)!.stream.toString('latin1')
  return [...content.matchAll(/\/(\w) [\d.]+ Tf .*? Tm <(\w+)> Tj/g)].map(([, font, hex]) => {
    const letters = unicode(font!)
    return hex!
      .match(/.{4}/g)!
      .map((glyph) => letters.get(glyph))
      .join('')
  })
}

describe('a PDF', () => {
  it('has every object at its offset in the table, and text that can be copied', async () => {
    const { list, figure, fonts } = figureOf()
    const opened = open(await bytesOf(pdfBytes(list, figure, fonts, FILES)))
    const texts = list.items.flatMap((item) => (item.kind === 'text' ? [item.text] : []))
    expect(pageText(opened)).toEqual(texts)
    expect(texts).toContain('FID ↓')
    const box = /MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(opened.objects.get(3)!.dictionary)!
    expect(Number(box[1])).toBeCloseTo(396, 3)
    expect(Number(box[2])).toBeCloseTo(list.height, 3)
  })

  it('has the same bytes for the same figure, and no date', async () => {
    const make = () => {
      const { list, figure, fonts } = figureOf()
      return bytesOf(pdfBytes(list, figure, fonts, FILES))
    }
    const first = await make()
    expect(first.equals(await make())).toBe(true)
    expect(first.toString('latin1')).not.toMatch(/Date|\/ID/)
  })

  it('contains each image once, at the dpi, with its exact pixels', async () => {
    const rows = [
      [{ kind: 'grid', columns: 2, images: [{ file: 'a' }, { file: 'b' }] }],
      [{ kind: 'grid', columns: 2, images: [{ file: 'b' }, { file: 'a' }] }],
    ]
    const { list, figure, fonts } = figureOf({ rows, gutter: 0 })
    const { objects } = open(await bytesOf(pdfBytes(list, figure, fonts, FILES)))
    const images = [...objects.values()].filter(({ dictionary }) => dictionary.includes('/Subtype /Image'))
    expect(images).toHaveLength(2)
    const item = list.items.find((item) => item.kind === 'image')!
    const { rgb, width, height } = await paintAt(item, 100, 'smooth', FILES)
    expect(width).toBe(Math.round((item.width * 100) / 72))
    expect(images[0]!.dictionary).toContain(`/Width ${width} /Height ${height}`)
    expect(unfiltered(images[0]!.stream, width)).toEqual(Buffer.from(rgb))
  })
})

/** PNG filters 0 to 2, undone. */
function unfiltered(rows: Buffer, width: number): Buffer {
  const stride = width * 3
  const out = Buffer.alloc((rows.length / (stride + 1)) * stride)
  for (let y = 0; y * (stride + 1) < rows.length; y++)
    for (let i = 0; i < stride; i++) {
      const filter = rows[y * (stride + 1)]!
      const left = i < 3 ? 0 : out[y * stride + i - 3]!
      const above = y === 0 ? 0 : out[(y - 1) * stride + i]!
      out[y * stride + i] = rows[y * (stride + 1) + 1 + i]! + (filter === 1 ? left : filter === 2 ? above : 0)
    }
  return out
}

describe.each(FONT_FAMILIES)('%s', (family) => {
  const fonts = openFonts(family)

  it('a subset contains the outlines of its characters, accented ones too, and is smaller', () => {
    const whole = fonts.face('regular')
    const used = [...'aéÄg↓']
    const subset = subsetFont(
      whole.file,
      used.map((c) => whole.glyphId(c)),
    )
    // Glyph numbers stay, so the whole font's table of characters serves the subset.
    const outline = (c: string) => glyphOf(subset, whole.glyphId(c))
    for (const c of used) {
      const original = glyphOf(whole.file, whole.glyphId(c))
      expect(outline(c).subarray(0, original.length)).toEqual(original)
    }
    expect(outline('Q')).toHaveLength(0)
    expect(subset.length).toBeLessThan(whole.file.length / 5)
    expect(sumOf(subset)).toBe(0xb1b0afba)
  })

  it('refuses a character without a glyph, and names it', () => {
    expect(() => fonts.metrics.width('a\u{1f600}', 'bold')).toThrow(/no glyph for '.*' \(U\+1F600\)/u)
  })
})

function glyphOf(file: Buffer, id: number): Buffer {
  const long = fontTable(file, 'head').readInt16BE(50) === 1
  const loca = fontTable(file, 'loca')
  const at = (i: number) => (long ? loca.readUInt32BE(4 * i) : 2 * loca.readUInt16BE(2 * i))
  return Buffer.from(fontTable(file, 'glyf').subarray(at(id), at(id + 1)))
}

function sumOf(file: Buffer): number {
  let sum = 0
  for (let at = 0; at < file.length; at += 4) sum = (sum + file.readUInt32BE(at)) >>> 0
  return sum
}

it('character widths match Times and Helvetica', () => {
  // Adobe's metrics of Times-Roman and Helvetica (Core 14 AFM), in thousandths: A, a, zero, comma.
  const widths = (family: 'Tinos' | 'Arimo') =>
    [...'Aa0,'].map((c) => Math.round(openFonts(family).metrics.width(c, 'regular') * 1000))
  expect(widths('Tinos')).toEqual([722, 444, 500, 250])
  expect(widths('Arimo')).toEqual([667, 556, 556, 278])
  expect(trueType(openFonts('Tinos').face('regular').file).unitsPerEm).toBe(2048)
})
