// Display items -> the drawing instructions of a PDF page. y grows upwards there.
// Reference: PDF 1.7, 8.5 "Path Construction and Painting", 9.4 "Text Objects".
import type { Colour, DisplayItem, Face, ImageItem, TextItem } from '../../shared/figures/display.ts'
import { number } from '../../shared/figures/svg.ts'
import type { FontSet } from './fonts.ts'
import { glyphString } from './pdf-font.ts'

/** Names of the page's resources. */
export const FONT_NAMES: Readonly<Record<Face, string>> = { regular: 'R', bold: 'B', italic: 'I' }

/** Control points of a quarter circle are at this fraction of the radius. */
const KAPPA = 0.5522847498

/**
 * Images are this much smaller than their place on every side. Readers draw every dot that an image touches, so one
 * that ends exactly between two dots would be drawn one dot too large and be resampled.
 */
const HAIR = 0.002

/** @param imageName the resource of an image */
export function contentStream(
  items: readonly DisplayItem[],
  height: number,
  fonts: FontSet,
  imageName: (item: ImageItem) => string,
): string {
  return ['1 j', ...items.map((item) => instructions(item, height, fonts, imageName)), ''].join('\n')
}

function instructions(
  item: DisplayItem,
  pageHeight: number,
  fonts: FontSet,
  imageName: (item: ImageItem) => string,
): string {
  const up = (y: number): number => pageHeight - y
  switch (item.kind) {
    case 'image': {
      const [x, y] = [item.x + HAIR, up(item.y + item.height) + HAIR]
      const [width, height] = [item.width - 2 * HAIR, item.height - 2 * HAIR]
      return `q ${join(width, 0, 0, height, x, y)} cm /${imageName(item)} Do Q`
    }
    case 'rect': {
      const { x, y, width, height, fill, stroke, lineWidth = 1 } = item
      const box = `${join(x, up(y + height), width, height)} re`
      const filled = fill ? [`${rgb(fill)} rg ${box} f`] : []
      // Corners of frames are mitred; those of lines are round.
      const stroked = stroke ? [`q 0 j ${number(lineWidth)} w ${rgb(stroke)} RG ${box} S Q`] : []
      return [...filled, ...stroked].join('\n')
    }
    case 'line': {
      const path = item.points.map(([x, y], i) => `${join(x, up(y))} ${i === 0 ? 'm' : 'l'}`).join(' ')
      const pen = `${number(item.lineWidth)} w ${rgb(item.stroke)} RG`
      return item.dash ? `q [${join(...item.dash)}] 0 d ${pen} ${path} S Q` : `${pen} ${path} S`
    }
    case 'disc':
      return `${rgb(item.fill)} rg ${disc(item.x, up(item.y), item.radius)} f`
    case 'text':
      return text(item, up(item.y), fonts)
  }
}

function text(item: TextItem, y: number, fonts: FontSet): string {
  const { x, size, face, anchor, turned, fill } = item
  const width = fonts.metrics.width(item.text, face) * size
  const back = anchor === 'start' ? 0 : anchor === 'middle' ? width / 2 : width
  const matrix = turned ? join(0, 1, -1, 0, x, y - back) : join(1, 0, 0, 1, x - back, y)
  const letters = glyphString(fonts.face(face), item.text)
  return `BT ${rgb(fill)} rg /${FONT_NAMES[face]} ${number(size)} Tf ${matrix} Tm ${letters} Tj ET`
}

function disc(x: number, y: number, r: number): string {
  const k = r * KAPPA
  return [
    `${join(x + r, y)} m`,
    `${join(x + r, y + k, x + k, y + r, x, y + r)} c`,
    `${join(x - k, y + r, x - r, y + k, x - r, y)} c`,
    `${join(x - r, y - k, x - k, y - r, x, y - r)} c`,
    `${join(x + k, y - r, x + r, y - k, x + r, y)} c h`,
  ].join(' ')
}

const join = (...values: readonly number[]): string => values.map(number).join(' ')

/** Three intensities from 0 to 1. */
function rgb(colour: Colour): string {
  const value = parseInt(colour.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255].map((channel) => number(channel / 255)).join(' ')
}
