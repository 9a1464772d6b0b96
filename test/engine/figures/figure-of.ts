// A small figure laid out over images that are made up, and the bytes of a writer.
import { openFonts } from '../../../src/engine/figures/fonts.ts'
import type { PictureFiles } from '../../../src/engine/figures/paint.ts'
import { checkFigure, figureImages, type Figure } from '../../../src/shared/figures/figure.ts'
import { layoutFigure } from '../../../src/shared/figures/layout.ts'
import type { FontFamily } from '../../../src/shared/figures/page.ts'
import type { Pixels } from '../../../src/shared/figures/pictures.ts'
import { contentOf } from '../../shared/figures/content.ts'

/** 64 x 64, another pattern for every name. */
export const patternOf = (key: string): Pixels => ({
  rgb: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * (key.charCodeAt(0) + 3) + (i >> 6)) & 255),
  width: 64,
  height: 64,
})

export const FILES: PictureFiles = {
  image: async (key) => patternOf(key),
  input: async (key) => patternOf(`i${key}`),
}

export const ROWS = [
  [
    {
      kind: 'grid',
      title: 'Grid (one)',
      columns: 2,
      images: [{ file: 'a' }, { file: 'b' }],
      rowLabels: ['Zeile'],
      insets: [{ cell: 0, region: { x: 4, y: 4, width: 16, height: 16 } }],
    },
    {
      kind: 'chart',
      x: { label: 'x' },
      y: { label: 'FID ↓' },
      series: [
        {
          label: 'é',
          line: 'dashed',
          points: [
            [0, 1],
            [1, 2],
            [2, 1.5],
          ],
        },
        {
          label: 'b',
          points: [
            [0, 2],
            [2, 3],
          ],
        },
      ],
    },
  ],
]

export function figureOf(fields: object = {}) {
  const figure: Figure = checkFigure({ schema: 1, rows: ROWS, dpi: 100, ...fields }, 'f.json')
  const fonts = openFonts(figure.font.family satisfies FontFamily)
  const content = contentOf([...figureImages(figure).keys()])
  return { figure, fonts, list: layoutFigure(figure, content, fonts.metrics) }
}

export async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const piece of pieces) parts.push(piece)
  return Buffer.concat(parts)
}
