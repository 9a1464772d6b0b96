// Generation over time: the cells decided after fractions of the steps, autoregressive or masked.
import { gridOfCells } from '../../grid/shape.ts'
import type { Block, Setting } from '../block.ts'
import type { Content } from '../content.ts'
import type { DisplayItem } from '../display.ts'
import { refKey } from '../image-ref.ts'
import { imageTable, type Cell } from '../image-table.ts'
import type { PanelOf } from '../panels.ts'
import { contentImage, shown, tokensOf } from './shown.ts'

/** Decided cells show the finished image, the others are blank. */
export function stepsPanel(
  panel: PanelOf<'steps'>,
  content: Content,
  width: number,
  setting: Setting,
): Block {
  const { images, grid, at, rowLabels } = panel
  const cells = images.flatMap((ref) => {
    const { side, cells: all } = gridOfCells(tokensOf(content, ref, grid).length)
    const steps = contentImage(content, ref).steps[grid]
    const total = steps ? Math.max(...Array.from(steps)) + 1 : all
    return at.map((share): Cell => {
      const step = Math.round(total * share)
      const open = Array.from({ length: all }, (_, i) => i).filter((i) => (steps?.[i] ?? i) >= step)
      const source = { of: 'faded', image: refKey(ref), side, cells: open, opacity: 1 } as const
      return {
        ...shown(content, ref, source),
        label: `${step} of ${total} steps`,
        short: `${step}/${total}`,
        over: (w, h) => [frame(w, h)],
      }
    })
  })
  return imageTable({ columns: at.length, cells, rowLabels }, width, setting)
}

const frame = (width: number, height: number): DisplayItem => ({
  kind: 'rect',
  x: 0,
  y: 0,
  width,
  height,
  stroke: '#c8c8c8',
  lineWidth: 0.4,
})
