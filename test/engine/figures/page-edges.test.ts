// No letter is cut at the edge of a page: the same figure is drawn once more on a larger page, where what leaves the first
// one is seen.
import { expect, it } from 'vitest'
import { pngBytes } from '../../../src/engine/figures/png.ts'
import { decodeImage } from '../../../src/engine/images/index.ts'
import { movedAll } from '../../../src/shared/figures/block.ts'
import { bytesOf, figureOf, FILES } from './figure-of.ts'

/** Letters that reach beyond d and g, or beyond their own advance. */
const TALL = 'Åfj (Q)|_Ğ f'
const ROWS = [
  [
    {
      kind: 'grid',
      title: TALL,
      columns: 2,
      images: [{ file: 'a' }, { file: 'b' }],
      rowLabels: [`j${TALL}`],
      columnLabels: [TALL, 'É'],
      cellLabels: [TALL, 'fj'],
    },
  ],
  [
    {
      kind: 'chart',
      x: { label: TALL },
      y: { label: TALL },
      series: [
        {
          label: TALL,
          points: [
            [0, 1],
            [10_000, 2],
          ],
        },
      ],
    },
  ],
]
const DPI = 144
/** In pixels at that density. */
const MARGIN = 20

it.each(['Tinos', 'Arimo', 'DejaVu Sans'])('every glyph of %s is inside the page', async (family) => {
  const { list, figure, fonts } = figureOf({ rows: ROWS, dpi: DPI, font: { family, size: 9 } })
  const by = (MARGIN * 72) / DPI
  const larger = {
    ...list,
    width: list.width + 2 * by,
    height: list.height + 2 * by,
    items: movedAll(list.items, by, by),
  }
  const { rgb, width, height } = await decodeImage(await bytesOf(pngBytes(larger, figure, fonts, FILES)))
  const [right, bottom] = [width - MARGIN, height - MARGIN]
  let outside = 0
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const isInside = x >= MARGIN && x < right && y >= MARGIN && y < bottom
      // Less than a thirtieth of a dot is the rounding of an edge.
      if (!isInside && rgb[(y * width + x) * 3]! < 247) outside++
    }
  expect(outside).toBe(0)
})
