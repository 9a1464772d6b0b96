// TrueType files -> glyph outlines, so that text looks the same on any machine. Reads only what the pinned fonts need
// of TrueType (cmap format 4, simple and composite glyphs, no hinting, no kerning); it is not a reader for fonts of
// users. Reference: OpenType 1.9, "glyf", "cmap", "hmtx".
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** A closed outline: points in font units, y upwards; a point off the curve is a control point of a quadratic. */
export interface OutlinePoint {
  readonly x: number
  readonly y: number
  readonly onCurve: boolean
}

export interface Glyph {
  /** Distance to the next character's origin, in font units. */
  readonly advance: number
  readonly contours: readonly (readonly OutlinePoint[])[]
}

export interface Font {
  /** Font units per em: divide by it and multiply by the size in pixels. */
  readonly unitsPerEm: number
  glyph(character: string): Glyph
  /** Glyph number of a character; 0, an empty box, if the font lacks it. */
  glyphId(character: string): number
}

const fonts = new Map<string, Font>()

/** One of the bundled faces, read once. */
export function dejavu(face: 'DejaVuSans' | 'DejaVuSans-Bold'): Font {
  let font = fonts.get(face)
  if (!font) {
    const path = createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${face}.ttf`)
    fonts.set(face, (font = trueType(readFileSync(path))))
  }
  return font
}

/** The bytes of a table. Throws if it is missing. */
export function fontTable(file: Buffer, tag: string): Buffer {
  for (let at = 12; at < 12 + 16 * file.readUInt16BE(4); at += 16)
    if (file.toString('latin1', at, at + 4) === tag)
      return file.subarray(file.readUInt32BE(at + 8), file.readUInt32BE(at + 8) + file.readUInt32BE(at + 12))
  throw new Error(`font has no ${tag} table`)
}

export function trueType(file: Buffer): Font {
  const table = (tag: string): Buffer => fontTable(file, tag)
  const [head, hmtx, loca, glyf] = [table('head'), table('hmtx'), table('loca'), table('glyf')]
  const metrics = table('hhea').readUInt16BE(34)
  const longOffsets = head.readInt16BE(50) === 1
  const offset = (id: number): number =>
    longOffsets ? loca.readUInt32BE(4 * id) : 2 * loca.readUInt16BE(2 * id)
  const outline = (id: number): OutlinePoint[][] => {
    if (offset(id) === offset(id + 1)) return []
    const glyph = glyf.subarray(offset(id))
    return glyph.readInt16BE(0) < 0 ? composite(glyph, outline) : simple(glyph)
  }
  const ids = characterMap(table('cmap'))
  const glyphs = new Map<string, Glyph>()
  return {
    unitsPerEm: head.readUInt16BE(18),
    glyphId: (character) => ids(character.codePointAt(0)!),
    glyph(character) {
      let glyph = glyphs.get(character)
      if (!glyph) {
        const id = ids(character.codePointAt(0)!)
        const advance = hmtx.readUInt16BE(4 * Math.min(id, metrics - 1))
        glyphs.set(character, (glyph = { advance, contours: outline(id) }))
      }
      return glyph
    },
  }
}

/** Unicode -> glyph id from the format 4 subtable; missing characters are glyph 0, an empty box. */
function characterMap(cmap: Buffer): (code: number) => number {
  let at = 4
  while (cmap.readUInt16BE(cmap.readUInt32BE(at + 4)) !== 4) at += 8
  const map = cmap.subarray(cmap.readUInt32BE(at + 4))
  const doubled = map.readUInt16BE(6) // twice the number of segments
  return (code) => {
    if (code > 0xffff) return 0
    let end = 14
    while (map.readUInt16BE(end) < code) end += 2
    const start = end + doubled + 2
    const [delta, range] = [start + doubled, start + 2 * doubled]
    const first = map.readUInt16BE(start)
    if (code < first) return 0
    const rangeOffset = map.readUInt16BE(range)
    if (rangeOffset === 0) return (code + map.readUInt16BE(delta)) & 0xffff
    const id = map.readUInt16BE(range + rangeOffset + 2 * (code - first))
    return id === 0 ? 0 : (id + map.readUInt16BE(delta)) & 0xffff
  }
}

/** Flags, then x, then y, each run-length or delta coded. */
function simple(glyph: Buffer): OutlinePoint[][] {
  const ends = Array.from({ length: glyph.readInt16BE(0) }, (_, i) => glyph.readUInt16BE(10 + 2 * i) + 1)
  const total = ends.at(-1)!
  let at = 10 + 2 * ends.length
  at += 2 + glyph.readUInt16BE(at) // instructions
  const flags: number[] = []
  while (flags.length < total) {
    const flag = glyph[at++]!
    const times = flag & 8 ? glyph[at++]! + 1 : 1
    for (let i = 0; i < times; i++) flags.push(flag)
  }
  const coordinates = (short: number, same: number): number[] => {
    let value = 0
    return flags.map((flag) => {
      if (flag & short) value += flag & same ? glyph[at++]! : -glyph[at++]!
      else if (!(flag & same)) value += glyph.readInt16BE((at += 2) - 2)
      return value
    })
  }
  const xs = coordinates(2, 16)
  const ys = coordinates(4, 32)
  const points = flags.map((flag, i) => ({ x: xs[i]!, y: ys[i]!, onCurve: (flag & 1) === 1 }))
  return ends.map((end, i) => points.slice(ends[i - 1] ?? 0, end))
}

/** A glyph composed of other glyphs, moved and scaled, like accented letters. */
function composite(glyph: Buffer, outline: (id: number) => OutlinePoint[][]): OutlinePoint[][] {
  const contours: OutlinePoint[][] = []
  let at = 10
  let flags: number
  do {
    flags = glyph.readUInt16BE(at)
    const part = outline(glyph.readUInt16BE(at + 2))
    const words = (flags & 1) !== 0
    const [dx, dy] = words
      ? [glyph.readInt16BE(at + 4), glyph.readInt16BE(at + 6)]
      : [glyph.readInt8(at + 4), glyph.readInt8(at + 5)]
    at += words ? 8 : 6
    const fraction = (): number => glyph.readInt16BE((at += 2) - 2) / 2 ** 14
    let [xx, xy, yx, yy] = [1, 0, 0, 1]
    if (flags & 0x08) xx = yy = fraction()
    else if (flags & 0x40) [xx, yy] = [fraction(), fraction()]
    else if (flags & 0x80) [xx, xy, yx, yy] = [fraction(), fraction(), fraction(), fraction()]
    for (const contour of part)
      contours.push(
        contour.map(({ x, y, onCurve }) => ({ x: xx * x + yx * y + dx, y: xy * x + yy * y + dy, onCurve })),
      )
  } while (flags & 0x20)
  return contours
}
