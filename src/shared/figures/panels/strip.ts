// One row per image: the input picture, both token grids as colours, and the result.
import { RequestError } from '../../errors.ts'
import type { Block, Setting } from '../block.ts'
import type { Content } from '../content.ts'
import { refKey } from '../image-ref.ts'
import { imageTable, type Cell } from '../image-table.ts'
import type { PanelOf } from '../panels.ts'
import { coloured, contentImage, shown } from './shown.ts'

const PART_WORDS = {
  input: 'input',
  discriminative: 'discriminative',
  codes: 'VQGAN',
  output: 'output',
} as const

export function stripPanel(
  panel: PanelOf<'reconstruction'>,
  content: Content,
  width: number,
  setting: Setting,
): Block {
  const cells = panel.images.flatMap((ref) =>
    panel.parts.map((part): Cell => {
      const image = refKey(ref)
      if (part === 'output') return shown(content, ref)
      if (part === 'input') {
        if (!contentImage(content, ref).hasInput)
          throw new RequestError(`${image}: its input picture is missing`)
        return shown(content, ref, { of: 'input', image })
      }
      return coloured(content, ref, part, 1)
    }),
  )
  const columnLabels = panel.parts.map((part) => PART_WORDS[part])
  return imageTable(
    { columns: panel.parts.length, cells, columnLabels, rowLabels: panel.rowLabels },
    width,
    setting,
  )
}
