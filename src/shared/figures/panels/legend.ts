// Colour legend: below images with outlined tokens, and inside charts.
import { GAP, movedAll, textWidth, words, type Block, type Setting } from '../block.ts'
import { paletteColour } from '../colour.ts'
import type { DisplayItem } from '../display.ts'
import type { PanelOf } from '../panels.ts'

type GridName = NonNullable<PanelOf<'grid'>['overlay']>['grid']

/** The table with a line of coloured squares and token numbers below it. */
export function tokenLegend(
  table: Block,
  tokens: readonly number[],
  grid: GridName,
  setting: Setting,
): Block {
  const { size, metrics } = setting
  const capital = metrics.capitalHeight * size
  const items: DisplayItem[] = []
  let x = 0
  tokens.forEach((token, i) => {
    const label = `${grid === 'codes' ? 'code' : 'cluster'} ${token}`
    items.push({ kind: 'rect', x, y: 0, width: capital, height: capital, fill: paletteColour(i + 1) })
    items.push(words(label, x + capital + GAP * size, capital, { size }))
    x += capital + GAP * size + textWidth(setting, label, size) + 1.2 * size
  })
  const y = table.height + 2 * GAP * size
  return {
    height: y + capital + metrics.descent * size,
    items: [...table.items, ...movedAll(items, 0, y)],
  }
}
