// From the studio to the comparison of images.
import type { ImageName } from '../../shared/api.ts'

/** Shows images side by side. */
export function compare(images: readonly ImageName[]): void {
  location.assign(`#/compare?images=${images.map(({ run, image }) => `${run}:${image}`).join(',')}`)
}
