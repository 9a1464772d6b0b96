// Groups of images, pixel by pixel: samples, mean and standard deviation, with a shared colour scale.
import { words, type Block, type Setting } from '../block.ts'
import { GREY } from '../colour.ts'
import type { Content } from '../content.ts'
import type { DisplayItem } from '../display.ts'
import { refKey } from '../image-ref.ts'
import { imageTable } from '../image-table.ts'
import type { PanelOf } from '../panels.ts'
import { shown } from './shown.ts'

/** Room of the colour scale and its numbers, in em. */
const SCALE_ROOM = 4.2
const SCALE_WIDTH = 0.9

export function variancePanel(
  panel: PanelOf<'variance'>,
  content: Content,
  most: number,
  width: number,
  setting: Setting,
): Block {
  const { size, metrics } = setting
  const { groups, samples } = panel
  const cells = groups.flatMap(({ images: refs }) => {
    const images = refs.map(refKey)
    return [
      ...Array.from({ length: samples }, (_, i) => refs[i] && shown(content, refs[i])),
      shown(content, refs[0]!, { of: 'mean', images }),
      shown(content, refs[0]!, { of: 'deviation', images, most }),
    ]
  })
  const columnLabels = [
    ...Array.from({ length: samples }, (_, i) => (i === 0 ? 'samples' : '')),
    'mean',
    'std. dev.',
  ]
  const table = imageTable(
    { columns: samples + 2, cells, columnLabels, rowLabels: groups.map(({ label }) => label) },
    width - SCALE_ROOM * size,
    setting,
  )
  // The scale is next to the images, not next to the labels above them.
  const top = Math.min(...table.items.flatMap((item) => (item.kind === 'image' ? [item.y] : [])))
  const height = table.height - top
  const x = width - (SCALE_ROOM - 0.7) * size
  const small = size * 0.9
  const right = x + SCALE_WIDTH * size
  const tick = (share: number, text: string): readonly DisplayItem[] => {
    const y = top + height * (1 - share)
    const baseline = Math.min(
      Math.max(y + (metrics.capitalHeight * small) / 2, top + metrics.capitalHeight * small),
      top + height,
    )
    return [
      line(right, y, right + 0.25 * size, y),
      words(text, right + 0.45 * size, baseline, { size: small }),
    ]
  }
  const scale: readonly DisplayItem[] = [
    { kind: 'image', x, y: top, width: SCALE_WIDTH * size, height, source: { of: 'scale' } },
    ...[0, 0.5, 1].flatMap((share) => tick(share, String(Math.round(most * share * 10) / 10))),
  ]
  return { height: table.height, items: [...table.items, ...scale] }
}

const line = (x0: number, y0: number, x1: number, y1: number): DisplayItem => ({
  kind: 'line',
  points: [
    [x0, y0],
    [x1, y1],
  ],
  stroke: GREY,
  lineWidth: 0.5,
})
