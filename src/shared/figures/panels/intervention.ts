// Effect of a token edit on an image: before, after, difference; changed cells are outlined.
import { gridOfCells } from '../../grid/shape.ts'
import type { Block, Setting } from '../block.ts'
import { cellsThatDiffer, outline } from '../cells.ts'
import { paletteColour } from '../colour.ts'
import type { Content } from '../content.ts'
import { refKey } from '../image-ref.ts'
import { imageTable, type Cell } from '../image-table.ts'
import type { PanelOf } from '../panels.ts'
import { OUTLINE, shown, tokensOf } from './shown.ts'

export function interventionPanel(
  panel: PanelOf<'intervention'>,
  content: Content,
  width: number,
  setting: Setting,
): Block {
  const cells = panel.pairs.flatMap(({ before, after }) => {
    const tokens = tokensOf(content, before, panel.grid)
    const shape = gridOfCells(tokens.length)
    const changed = cellsThatDiffer(tokens, tokensOf(content, after, panel.grid))
    const marked = (cell: Cell): Cell => ({
      ...cell,
      over: (w, h) => outline(changed, shape, w, h, paletteColour(1), OUTLINE * setting.size),
    })
    const difference = { of: 'difference', before: refKey(before), after: refKey(after) } as const
    return [marked(shown(content, before)), marked(shown(content, after)), shown(content, before, difference)]
  })
  const rowLabels = panel.pairs.map(({ label = '' }) => label)
  const columnLabels = ['before', 'after', 'difference']
  return imageTable({ columns: 3, cells, rowLabels, columnLabels }, width, setting)
}
