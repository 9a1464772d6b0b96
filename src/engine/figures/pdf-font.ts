// A font face as PDF objects: embedded outlines, widths, and a map from glyphs to text for copying. Reference: PDF 1.7,
// 9.7 "Composite Fonts", 9.10.3 "ToUnicode CMaps".
import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { faceFacts, type OpenFace } from './fonts.ts'
import { subsetFont } from './subset.ts'

/** A PDF object, with a stream if it has one. `dictionary` has no brackets and no Length. */
export interface PdfObject {
  readonly dictionary: string
  readonly stream?: Uint8Array
}

/** Bits of a font's flags: it has its own glyph numbering; it is slanted. */
const SYMBOLIC = 4
const ITALIC = 64
/** Maximum number of lines in a block of a CMap. */
const BLOCK = 100

/**
 * Five objects: the font that pages name comes first.
 * @param characters the text written in this face
 * @param id number of the first object; the others follow
 */
export function fontObjects(face: OpenFace, characters: ReadonlySet<string>, id: number): PdfObject[] {
  const glyphs = new Map([...characters].map((c) => [face.glyphId(c), c] as const).sort(([a], [b]) => a - b))
  const name = `${subsetTag(glyphs.keys())}+${face.name}`
  const { box, ascent, descent, capHeight, weight, italicAngle } = faceFacts(face)
  const widths = [...glyphs].map(
    ([glyph, c]) => `${glyph} [${Math.round((face.glyph(c).advance * 1000) / face.unitsPerEm)}]`,
  )
  const outlines = subsetFont(face.file, glyphs.keys())
  const flags = SYMBOLIC | (italicAngle === 0 ? 0 : ITALIC)
  return [
    {
      dictionary: `/Type /Font /Subtype /Type0 /BaseFont /${name} /Encoding /Identity-H /DescendantFonts [${id + 1} 0 R] /ToUnicode ${id + 4} 0 R`,
    },
    {
      dictionary: `/Type /Font /Subtype /CIDFontType2 /BaseFont /${name} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor ${id + 2} 0 R /CIDToGIDMap /Identity /DW 0 /W [${widths.join(' ')}]`,
    },
    {
      // StemV is required but in no table: a rule of thumb from the weight.
      dictionary: `/Type /FontDescriptor /FontName /${name} /Flags ${flags} /FontBBox [${box.join(' ')}] /ItalicAngle ${italicAngle} /Ascent ${ascent} /Descent ${descent} /CapHeight ${capHeight} /StemV ${Math.round(50 + (weight / 65) ** 2)} /FontFile2 ${id + 3} 0 R`,
    },
    { dictionary: `/Filter /FlateDecode /Length1 ${outlines.length}`, stream: deflateSync(outlines) },
    { dictionary: '/Filter /FlateDecode', stream: deflateSync(Buffer.from(toUnicode(glyphs), 'latin1')) },
  ]
}

/** Text as hexadecimal glyph numbers, as composite fonts require. */
export const glyphString = (face: OpenFace, text: string): string =>
  `<${[...text].map((character) => hex(face.glyphId(character))).join('')}>`

const hex = (value: number): string => value.toString(16).padStart(4, '0')

/** Six capital letters that depend on the glyphs. */
function subsetTag(glyphs: Iterable<number>): string {
  const digest = createHash('sha256')
    .update([...glyphs].join())
    .digest()
  return Array.from(digest.subarray(0, 6), (byte) => String.fromCharCode(65 + (byte % 26))).join('')
}

function toUnicode(glyphs: ReadonlyMap<number, string>): string {
  const lines = [...glyphs].map(
    ([glyph, c]) => `<${hex(glyph)}> <${Buffer.from(c, 'utf16le').swap16().toString('hex')}>`,
  )
  const blocks: string[] = []
  for (let at = 0; at < lines.length; at += BLOCK) {
    const block = lines.slice(at, at + BLOCK)
    blocks.push(`${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`)
  }
  return `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
${blocks.join('\n')}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
`
}
