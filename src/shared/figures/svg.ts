// A display list -> SVG for LaTeX tools: text as text, attributes only instead of styles, images embedded as
// PNG.
import { escaped } from '../text/markup.ts'
import { FONT_STACKS, type FontFamily } from './page.ts'
import type { DisplayList, ImageItem, Shape, TextItem } from './display.ts'

/**
 * The document in chunks, so that at most one image is in memory.
 * @param href the image, cropped and downsampled, as a data URI
 */
export async function* svgText(
  { width, height, items }: DisplayList,
  family: FontFamily,
  href: (item: ImageItem) => Promise<string>,
): AsyncGenerator<string> {
  const [w, h] = [number(width), number(height)]
  yield `<?xml version="1.0" encoding="UTF-8"?>\n`
  yield `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${w}pt" height="${h}pt" viewBox="0 0 ${w} ${h}" font-family="${FONT_STACKS[family]}" style="font-kerning:none">\n`
  yield `<rect width="${w}" height="${h}" fill="#ffffff"/>\n`
  for (const item of items) yield `${item.kind === 'image' ? image(item, await href(item)) : shape(item)}\n`
  yield '</svg>\n'
}

/** SVG 1.1 readers only know `xlink:href`. */
const image = (item: ImageItem, href: string): string =>
  `<image ${box(item)} preserveAspectRatio="none" xlink:href="${href}"/>`

function shape(item: Shape): string {
  switch (item.kind) {
    case 'rect':
      return `<rect ${box(item)} fill="${item.fill ?? 'none'}"${stroke(item.stroke, item.lineWidth)}/>`
    case 'line': {
      const points = item.points.map(([x, y]) => `${number(x)},${number(y)}`).join(' ')
      const dash = item.dash ? ` stroke-dasharray="${item.dash.map(number).join(' ')}"` : ''
      return `<polyline points="${points}" fill="none" stroke-linejoin="round"${stroke(item.stroke, item.lineWidth)}${dash}/>`
    }
    case 'disc':
      return `<circle cx="${number(item.x)}" cy="${number(item.y)}" r="${number(item.radius)}" fill="${item.fill}"/>`
    case 'text':
      return text(item)
  }
}

const ANCHORS = { start: '', middle: ' text-anchor="middle"', end: ' text-anchor="end"' } as const
const FACES = { regular: '', bold: ' font-weight="bold"', italic: ' font-style="italic"' } as const

function text({ x, y, text, size, face, anchor, turned, fill }: TextItem): string {
  const place = turned
    ? `transform="translate(${number(x)} ${number(y)}) rotate(-90)"`
    : `x="${number(x)}" y="${number(y)}"`
  return `<text ${place} font-size="${number(size)}" fill="${fill}"${FACES[face]}${ANCHORS[anchor]}>${escaped(text)}</text>`
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const box = ({ x, y, width, height }: Box): string =>
  `x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"`

const stroke = (colour: string | undefined, width = 1): string =>
  colour ? ` stroke="${colour}" stroke-width="${number(width)}"` : ''

/** Thousandths of a point: finer than any printer. */
export const number = (value: number): string => String(Math.round(value * 1000) / 1000 || 0)
