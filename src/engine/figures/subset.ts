// A TrueType font with the outlines of some glyphs only, for embedding in a PDF or in a web page. Glyphs keep their numbers. Reference:
// OpenType 1.9, "Organization of an OpenType Font", "loca", "glyf"; PDF 1.7, 9.9 "Embedded Font Programs".
import { fontTable } from '../images/index.ts'

/** The tables of a CIDFontType2 that a PDF reader needs, without `cmap`, `name` and `post`. */
const TABLES = ['cvt ', 'fpgm', 'glyf', 'head', 'hhea', 'hmtx', 'loca', 'maxp', 'prep']
/** What browsers need besides; as they are in the whole font, because glyphs keep their numbers. */
const WEB_TABLES = ['OS/2', 'cmap', ...TABLES, 'name', 'post'].sort()
/** Required checksum of the whole file. */
const FILE_CHECKSUM = 0xb1b0afba
/** Composite glyphs: flags for the size of a component's entry, and for another component after it. */
const WORDS = 0x0001
const SCALE = 0x0008
const MORE = 0x0020
const TWO_SCALES = 0x0040
const MATRIX = 0x0080

export const subsetFont = (file: Buffer, glyphs: Iterable<number>): Buffer => subsetOf(file, glyphs, TABLES)

/** For `@font-face`. */
export const webFont = (file: Buffer, glyphs: Iterable<number>): Buffer => subsetOf(file, glyphs, WEB_TABLES)

function subsetOf(file: Buffer, glyphs: Iterable<number>, tables: readonly string[]): Buffer {
  const loca = offsets(file)
  const glyf = fontTable(file, 'glyf')
  const outline = (id: number): Buffer => glyf.subarray(loca[id], loca[id + 1])
  const used = new Set([0, ...glyphs])
  // The set grows during the loop, so that components of components are included.
  for (const id of used) for (const part of components(outline(id))) used.add(part)

  const kept: Buffer[] = []
  const newLoca = Buffer.alloc(4 * loca.length)
  let at = 0
  for (let id = 0; id + 1 < loca.length; id++) {
    newLoca.writeUInt32BE(at, 4 * id)
    if (!used.has(id)) continue
    const bytes = padded(outline(id))
    kept.push(bytes)
    at += bytes.length
  }
  newLoca.writeUInt32BE(at, 4 * (loca.length - 1))
  const head = Buffer.from(fontTable(file, 'head'))
  head.writeUInt32BE(0, 8) // checkSumAdjustment, set below
  head.writeInt16BE(1, 50) // offsets of four bytes
  const changed: Readonly<Record<string, Buffer>> = {
    glyf: Buffer.concat(kept),
    head,
    hmtx: advances(file, used),
    loca: newLoca,
  }
  return fontFile(
    tables.flatMap((tag): [string, Buffer][] => {
      if (changed[tag]) return [[tag, changed[tag]]]
      try {
        return [[tag, fontTable(file, tag)]]
      } catch {
        return [] // cvt, fpgm and prep are hints; a font need not have them
      }
    }),
  )
}

function offsets(file: Buffer): number[] {
  const table = fontTable(file, 'loca')
  const long = fontTable(file, 'head').readInt16BE(50) === 1
  const count = fontTable(file, 'maxp').readUInt16BE(4) + 1
  return Array.from({ length: count }, (_, i) =>
    long ? table.readUInt32BE(4 * i) : 2 * table.readUInt16BE(2 * i),
  )
}

/** Advances of omitted glyphs become 0, which compresses well. */
function advances(file: Buffer, used: ReadonlySet<number>): Buffer {
  const table = Buffer.from(fontTable(file, 'hmtx'))
  const full = fontTable(file, 'hhea').readUInt16BE(34)
  // The last full entry applies to all glyphs after it.
  for (let id = 0; id < full - 1; id++) if (!used.has(id)) table.fill(0, 4 * id, 4 * id + 4)
  return table
}

function components(glyph: Buffer): number[] {
  if (glyph.length === 0 || glyph.readInt16BE(0) >= 0) return []
  const parts: number[] = []
  let [at, flags] = [10, MORE]
  while (flags & MORE) {
    flags = glyph.readUInt16BE(at)
    parts.push(glyph.readUInt16BE(at + 2))
    at += flags & WORDS ? 8 : 6
    at += flags & SCALE ? 2 : flags & TWO_SCALES ? 4 : flags & MATRIX ? 8 : 0
  }
  return parts
}

function fontFile(tables: readonly [string, Buffer][]): Buffer {
  const head = Buffer.alloc(12 + 16 * tables.length)
  const power = 2 ** Math.floor(Math.log2(tables.length))
  head.writeUInt32BE(0x00010000, 0)
  head.writeUInt16BE(tables.length, 4)
  head.writeUInt16BE(16 * power, 6)
  head.writeUInt16BE(Math.log2(power), 8)
  head.writeUInt16BE(16 * (tables.length - power), 10)
  let at = head.length
  let headAt = 0
  tables.forEach(([tag, bytes], i) => {
    const entry = 12 + 16 * i
    head.write(tag, entry, 'latin1')
    head.writeUInt32BE(checksum(padded(bytes)), entry + 4)
    head.writeUInt32BE(at, entry + 8)
    head.writeUInt32BE(bytes.length, entry + 12)
    if (tag === 'head') headAt = at
    at += padded(bytes).length
  })
  const file = Buffer.concat([head, ...tables.map(([, bytes]) => padded(bytes))])
  file.writeUInt32BE((FILE_CHECKSUM - checksum(file)) >>> 0, headAt + 8)
  return file
}

const padded = (bytes: Buffer): Buffer =>
  bytes.length % 4 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(4 - (bytes.length % 4))])

/** Sum of big-endian words, modulo 2^32. */
function checksum(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 4) sum = (sum + bytes.readUInt32BE(at)) >>> 0
  return sum
}
