// A line of text -> dark pixels on an image: outlines filled by exact area coverage, without system fonts.
import type { RgbImage } from './rgb-image.ts'
import { fillPolygons, flattened, type Point } from './coverage.ts'
import { dejavu } from './font.ts'

export interface TextStyle {
  /** Pixels per em. */
  readonly size: number
  /** @default false */
  readonly bold?: boolean
}

/** Height of a capital letter of DejaVu, in em. */
export const CAPITAL_HEIGHT = 0.73

/** Width of a line in pixels, not rounded. */
export function textWidth(text: string, { size, bold = false }: TextStyle): number {
  const font = fontOf(bold)
  let advance = 0
  for (const character of text) advance += font.glyph(character).advance
  return (advance * size) / font.unitsPerEm
}

/** The text, shortened with an ellipsis to fit `width` pixels. */
export function fitText(text: string, width: number, style: TextStyle): string {
  if (textWidth(text, style) <= width) return text
  const characters = [...text]
  while (characters.length > 0 && textWidth(`${characters.join('').trimEnd()}…`, style) > width)
    characters.pop()
  return characters.length > 0 ? `${characters.join('').trimEnd()}…` : ''
}

/** Draws a line of text in grey level `ink`, its baseline starting at (x, y), into the image's own pixels. */
export function drawText(
  image: RgbImage,
  text: string,
  x: number,
  y: number,
  { size, bold = false }: TextStyle,
  ink = 51,
): void {
  const font = fontOf(bold)
  const scale = size / font.unitsPerEm
  let pen = x
  for (const character of text) {
    const { advance, contours } = font.glyph(character)
    const at = pen
    const polygons = contours.map((contour) =>
      flattened(contour).map(([px, py]): Point => [at + px * scale, y - py * scale]),
    )
    fillPolygons(image, polygons, [ink, ink, ink])
    pen += advance * scale
  }
}

function fontOf(bold: boolean): ReturnType<typeof dejavu> {
  return dejavu(bold ? 'DejaVuSans-Bold' : 'DejaVuSans')
}
