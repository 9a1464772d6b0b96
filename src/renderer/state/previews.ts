// How far the grids of images at work are; forgotten when another batch begins.
import { shallowReactive } from 'vue'
import type { Preview } from '../../shared/api.ts'

export interface ImagePreview {
  readonly stage: Preview['stage']
  readonly done: number
  readonly tokens: Int16Array
}

const previews = shallowReactive(new Map<string, ImagePreview>())

/** The grid of an image at work, if it was told of. */
export function previewOf(run: string, image: number): ImagePreview | undefined {
  return previews.get(`${run}/${image}`)
}

/** Takes a batch's grids. */
export function showPreview({ run, stage, done, images }: Preview): void {
  const told = new Set(images.map(({ image }) => `${run}/${image}`))
  for (const key of [...previews.keys()]) if (!told.has(key)) previews.delete(key)
  for (const { image, tokens } of images) previews.set(`${run}/${image}`, { stage, done, tokens })
}
