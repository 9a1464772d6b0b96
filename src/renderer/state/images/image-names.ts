// Image names <-> text in an address: `RUN:12,RUN:13`.
import type { ImageName } from '../../../shared/contract/api.ts'

export const formatImages = (images: readonly ImageName[]): string =>
  images.map(({ run, image }) => `${run}:${image}`).join(',')

/** Invalid parts are ignored. */
export function parseImages(text: string): ImageName[] {
  return text.split(',').flatMap((part) => {
    const [, run, image] = /^([A-Za-z0-9][\w.@-]*):(\d{1,7})$/.exec(part) ?? []
    return run === undefined ? [] : [{ run, image: Number(image) }]
  })
}
