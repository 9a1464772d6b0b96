// Expands the data of a figure from other files: measurements to points, atlases to maps.
import { FormatError, RequestError } from '../../shared/errors.ts'
import type { Figure } from '../../shared/figures/figure.ts'
import { PanelError } from '../../shared/figures/layout.ts'
import type { Panel } from '../../shared/figures/panels.ts'
import { mapWithAtlas } from './figure-atlas.ts'
import { chartWithMeasured } from './figure-measured.ts'

/** @param folder base of relative paths */
export async function withData(figure: Figure, folder: string): Promise<Figure> {
  const rows: Figure['rows'] = []
  let index = 0
  for (const row of figure.rows) {
    const written: Panel[] = []
    for (const panel of row) written.push(await namingPanel(index++, panelWithData(panel, folder)))
    rows.push(written)
  }
  return { ...figure, rows }
}

async function namingPanel(index: number, work: Promise<Panel>): Promise<Panel> {
  try {
    return await work
  } catch (error) {
    if (error instanceof RequestError || error instanceof FormatError)
      throw new PanelError(index, error.message, { cause: error })
    throw error
  }
}

async function panelWithData(panel: Panel, folder: string): Promise<Panel> {
  if (panel.kind === 'chart') return chartWithMeasured(panel, folder)
  if (panel.kind === 'map') return mapWithAtlas(panel, folder)
  return panel
}
