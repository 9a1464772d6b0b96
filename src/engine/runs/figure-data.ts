// What a figure takes from files that are no images, written out: measurements as points, atlases as maps.
import type { Figure } from '../../shared/figures/figure.ts'
import type { Panel } from '../../shared/figures/panels.ts'
import { mapWithAtlas } from './figure-atlas.ts'
import { chartWithMeasured } from './figure-measured.ts'

/** @param folder what paths are relative to */
export async function withData(figure: Figure, folder: string): Promise<Figure> {
  const rows: Figure['rows'] = []
  for (const row of figure.rows)
    rows.push(await Promise.all(row.map((panel) => panelWithData(panel, folder))))
  return { ...figure, rows }
}

async function panelWithData(panel: Panel, folder: string): Promise<Panel> {
  if (panel.kind === 'chart') return chartWithMeasured(panel, folder)
  if (panel.kind === 'map') return mapWithAtlas(panel, folder)
  return panel
}
