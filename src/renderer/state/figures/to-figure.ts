// From any page to a figure: sends images to the Figures page, where the user picks the figure.
import type { ImageName } from '../../../shared/contract/api.ts'
import { go } from '../app/address.ts'
import { formatImages } from '../images/image-names.ts'

/** The limit of an address. */
const MOST = 1000

export function addToFigure(images: readonly ImageName[]): void {
  go({ page: 'figures', query: { images: formatImages(images.slice(0, MOST)) } })
}
