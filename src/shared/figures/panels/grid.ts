// Samples in rows and columns, with crops, insets and token overlays.
import { RequestError } from '../../errors.ts'
import type { Block, Setting } from '../block.ts'
import type { Content } from '../content.ts'
import { refKey, type ImageRef } from '../image-ref.ts'
import { imageTable, type Cell } from '../image-table.ts'
import type { PanelOf } from '../panels.ts'
import { insetItems } from './inset.ts'
import { tokenLegend } from './legend.ts'
import { coloured, contentImage, highlighted, shown } from './shown.ts'

export function gridPanel(panel: PanelOf<'grid'>, content: Content, width: number, setting: Setting): Block {
  const { images, columns, overlay, crop, insets = [], cellLabels = [] } = panel
  if (overlay && (crop || insets.length > 0))
    throw new RequestError('an overlay cannot be combined with a crop or insets')
  if (cellLabels.length > images.length)
    throw new RequestError(`found ${cellLabels.length} cell labels for ${images.length} images`)
  const beyond = insets.find(({ cell }) => cell >= images.length)
  if (beyond) throw new RequestError(`inset in cell ${beyond.cell}: out of range (${images.length} images)`)
  const cellOf = (ref: ImageRef): Cell => {
    if (!overlay) return cropped(shown(content, ref), ref, crop)
    const { grid, tokens, opacity } = overlay
    if (tokens.length > 0) return highlighted(content, ref, grid, tokens, opacity, setting.size)
    return coloured(content, ref, grid, opacity)
  }
  const cells = images.map((ref, i) => {
    const inset = insets.find(({ cell }) => cell === i)
    const cell = { ...cellOf(ref), ...(cellLabels[i] ? { label: cellLabels[i] } : {}) }
    if (!inset) return cell
    const { source } = cell
    const { width, height } = contentImage(content, ref)
    const whole = crop ?? { x: 0, y: 0, width, height }
    return {
      ...cell,
      over: (w: number, h: number) => insetItems(inset, source, whole, w, h, setting.size, refKey(ref)),
    }
  })
  const table = imageTable({ ...panel, cells, columns: Math.min(columns, images.length) }, width, setting)
  return overlay && overlay.tokens.length > 0
    ? tokenLegend(table, overlay.tokens, overlay.grid, setting)
    : table
}

function cropped(cell: Cell, ref: ImageRef, crop: PanelOf<'grid'>['crop']): Cell {
  if (!crop) return cell
  if (crop.x + crop.width > cell.width || crop.y + crop.height > cell.height)
    throw new RequestError(
      `crop ${crop.width} x ${crop.height} at (${crop.x}, ${crop.y}): outside ${refKey(ref)} (${cell.width} x ${cell.height})`,
    )
  return { ...cell, crop, width: crop.width, height: crop.height }
}
