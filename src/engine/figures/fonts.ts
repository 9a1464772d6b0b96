// The fonts of figures: files that come with the program, their widths and glyphs.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { RequestError } from '../../shared/errors.ts'
import type { Face, Ink, Metrics } from '../../shared/figures/display.ts'
import type { FontFamily } from '../../shared/figures/page.ts'
import { fontTable, trueType, type Font } from '../images/index.ts'

/** Tinos and Arimo: SIL Open Font License 1.1; DejaVu: Bitstream Vera's. All may be embedded. */
const FILES: Readonly<Record<FontFamily, Readonly<Record<Face, string>>>> = {
  Tinos: {
    regular: '@expo-google-fonts/tinos/400Regular/Tinos_400Regular.ttf',
    bold: '@expo-google-fonts/tinos/700Bold/Tinos_700Bold.ttf',
    italic: '@expo-google-fonts/tinos/400Regular_Italic/Tinos_400Regular_Italic.ttf',
  },
  Arimo: {
    regular: '@expo-google-fonts/arimo/400Regular/Arimo_400Regular.ttf',
    bold: '@expo-google-fonts/arimo/700Bold/Arimo_700Bold.ttf',
    italic: '@expo-google-fonts/arimo/400Regular_Italic/Arimo_400Regular_Italic.ttf',
  },
  'DejaVu Sans': {
    regular: 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf',
    bold: 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf',
    italic: 'dejavu-fonts-ttf/ttf/DejaVuSans-Oblique.ttf',
  },
}

export interface OpenFace extends Font {
  /** The whole file. */
  readonly file: Buffer
  /** `Tinos-Bold`. */
  readonly name: string
}

export interface FontSet {
  readonly family: FontFamily
  readonly metrics: Metrics
  face(face: Face): OpenFace
}

const opened = new Map<string, OpenFace>()

export function openFonts(family: FontFamily): FontSet {
  const face = (face: Face): OpenFace => {
    const path = FILES[family][face]
    let font = opened.get(path)
    if (!font) {
      const file = readFileSync(createRequire(import.meta.url).resolve(path))
      const suffix = face === 'regular' ? 'Regular' : face === 'bold' ? 'Bold' : 'Italic'
      font = { ...trueType(file), file, name: `${family.replaceAll(' ', '')}-${suffix}` }
      opened.set(path, font)
    }
    return font
  }
  const regular = face('regular')
  const capitalHeight = heightOf(regular, 'H') / regular.unitsPerEm
  return {
    family,
    face,
    metrics: {
      width: (text, style) => lineWidth(text, face(style)),
      ink: (text, style) => lineInk(text, face(style)),
      capitalHeight,
      ascent: heightOf(regular, 'bdfhkl(|') / regular.unitsPerEm,
      descent: -lowest(regular, 'gpqy') / regular.unitsPerEm,
    },
  }
}

/** In em, without kerning, so that all writers place letters alike. */
function lineWidth(text: string, font: OpenFace): number {
  let width = 0
  for (const character of text) {
    if (font.glyphId(character) === 0)
      throw new RequestError(
        `font ${font.name}: no glyph for '${character}' (U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}) in '${text}'`,
      )
    width += font.glyph(character).advance
  }
  return width / font.unitsPerEm
}

/** In em: the extremes of all outlines. Control points bound a curve, so it may be a little less. */
function lineInk(text: string, font: OpenFace): Ink {
  let [left, right, top, bottom, pen] = [Infinity, -Infinity, Infinity, -Infinity, 0]
  for (const character of text) {
    const { advance, contours } = font.glyph(character)
    for (const { x, y } of contours.flat()) {
      left = Math.min(left, pen + x)
      right = Math.max(right, pen + x)
      top = Math.min(top, -y)
      bottom = Math.max(bottom, -y)
    }
    pen += advance
  }
  if (left > right) return { left: 0, right: 0, top: 0, bottom: 0 }
  const em = font.unitsPerEm
  return { left: left / em, right: right / em, top: top / em, bottom: bottom / em }
}

const heightOf = (font: Font, characters: string): number =>
  Math.max(
    ...[...characters].flatMap((c) =>
      font
        .glyph(c)
        .contours.flat()
        .map(({ y }) => y),
    ),
  )

const lowest = (font: Font, characters: string): number =>
  Math.min(
    ...[...characters].flatMap((c) =>
      font
        .glyph(c)
        .contours.flat()
        .map(({ y }) => y),
    ),
  )

/** Font facts for a PDF, in thousandths of an em. OpenType "head", "hhea", "OS/2". */
export function faceFacts({ file, unitsPerEm }: OpenFace) {
  const [head, hhea, os2] = [fontTable(file, 'head'), fontTable(file, 'hhea'), fontTable(file, 'OS/2')]
  const unit = (value: number): number => Math.round((value * 1000) / unitsPerEm)
  return {
    box: [36, 38, 40, 42].map((at) => unit(head.readInt16BE(at))),
    ascent: unit(hhea.readInt16BE(4)),
    descent: unit(hhea.readInt16BE(6)),
    capHeight: unit(os2.readUInt16BE(0) >= 2 ? os2.readInt16BE(88) : hhea.readInt16BE(4)),
    weight: os2.readUInt16BE(4),
    italicAngle: fontTable(file, 'post').readInt32BE(4) / 65536,
  }
}
