// From the studio to the comparison of images.
import type { ImageName } from '../../../shared/contract/api.ts'
import { go } from '../app/address.ts'
import { formatImages } from '../images/image-names.ts'

/** Shows images side by side. */
export function compare(images: readonly ImageName[]): void {
  go({ page: 'compare', query: { images: formatImages(images) } })
}
