// From any page to a figure: sends images or a chart to the Figures page, where the user picks the figure. They are in
// the address, so a reload keeps them.
import type { PanelOf } from '../../../shared/figures/panels.ts'
import type { ImageName } from '../../../shared/contract/api.ts'
import { go } from '../app/address.ts'
import { formatImages } from '../images/image-names.ts'

/** The limit of an address. */
const MOST = 1000

export function addToFigure(images: readonly ImageName[]): void {
  go({ page: 'figures', query: { images: formatImages(images.slice(0, MOST)) } })
}

export function addChartToFigure(chart: PanelOf<'chart'>): void {
  go({ page: 'figures', query: { chart: JSON.stringify(chart) } })
}
