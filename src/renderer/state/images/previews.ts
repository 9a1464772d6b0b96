// Partial grids of images in progress: the latest of each stage, for a bounded number of images.
import { shallowReactive } from 'vue'
import type { Preview } from '../../../shared/contract/api.ts'

export type ImagePreview = { readonly [stage in Preview['stage']]?: Int16Array }

/** More than any batch, so that nothing on screen is evicted before its pixels exist. */
const KEPT = 4096
const previews = shallowReactive(new Map<string, ImagePreview>())

/** The partial grids of an image in progress, if reported. */
export function previewOf(run: string, image: number): ImagePreview | undefined {
  return previews.get(`${run}/${image}`)
}

/** Stores the grids of a batch. */
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
