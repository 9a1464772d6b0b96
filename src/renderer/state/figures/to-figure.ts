// The way from any page to a figure: images are sent to the Figures page, which asks for the figure.
import type { ImageName } from '../../../shared/contract/api.ts'
import { go } from '../app/address.ts'
import { formatImages } from '../images/image-names.ts'

/** An address holds so many. */
const MOST = 1000

export function addToFigure(images: readonly ImageName[]): void {
  go({ page: 'figures', query: { images: formatImages(images.slice(0, MOST)) } })
}
