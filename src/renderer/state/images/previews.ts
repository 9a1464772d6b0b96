// How far the grids of images at work are: the latest of each stage, a bounded number of images.
import { shallowReactive } from 'vue'
import type { Preview } from '../../../shared/contract/api.ts'

export type ImagePreview = { readonly [stage in Preview['stage']]?: Int16Array }

/** More than any batch, so that nothing on screen is forgotten before its pixels are there. */
const KEPT = 4096
const previews = shallowReactive(new Map<string, ImagePreview>())

/** The grids of an image at work, if it was told of. */
export function previewOf(run: string, image: number): ImagePreview | undefined {
  return previews.get(`${run}/${image}`)
}

/** Takes a batch's grids. */
export function showPreview({ run, stage, images }: Preview): void {
  for (const { image, tokens } of images) {
    const key = `${run}/${image}`
    previews.set(key, { ...previews.get(key), [stage]: tokens })
  }
  for (const key of previews.keys()) {
    if (previews.size <= KEPT) return
    previews.delete(key)
  }
}
