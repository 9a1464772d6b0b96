// One cluster: its cells in several images, everything else faded.
import type { Block, Setting } from '../block.ts'
import { cellsOf } from '../cells.ts'
import type { Content } from '../content.ts'
import { imageTable } from '../image-table.ts'
import type { PanelOf } from '../panels.ts'
import { highlighted, tokensOf } from './shown.ts'

export function clusterPanel(
  panel: PanelOf<'cluster'>,
  content: Content,
  width: number,
  setting: Setting,
): Block {
  const { images, grid, token, cellLabels = [] } = panel
  const cells = images.map((ref, i) => ({
    ...highlighted(content, ref, grid, [token], 0.6, setting.size),
    ...(cellLabels[i] ? { label: cellLabels[i] } : {}),
  }))
  if (images.every((ref) => cellsOf(tokensOf(content, ref, grid), token).length === 0))
    setting.note(`token ${token} does not occur in any of the ${images.length} images`)
  return imageTable({ columns: Math.min(panel.columns, images.length), cells }, width, setting)
}
