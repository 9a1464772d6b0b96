// Two images of the workspace -> their per-pixel difference, once both exist.
import { onUnmounted, shallowRef, watch, type ShallowRef } from 'vue'
import type { ImageName } from '../../../shared/contract/api.ts'
import { calls } from '../app/calls.ts'
import { pixelDifference, type PixelDifference } from './pixel-difference.ts'
import { pngPixels } from './png-pixels.ts'

/** Follows a pair; undefined until both have been read, or if they cannot be. */
export function useDifference(
  pair: () => readonly ImageName[] | undefined,
): ShallowRef<PixelDifference | undefined> {
  const found: ShallowRef<PixelDifference | undefined> = shallowRef()
  let current = ''
  const read = async (key: string, images: readonly ImageName[]) => {
    const [a, b] = await Promise.all(
      images.map(async ({ run, image }) => pngPixels(await calls().readImage(run, image))),
    )
    if (key === current && a && b) found.value = pixelDifference(a.data, b.data, a.width)
  }
  watch(
    () => JSON.stringify(pair() ?? null),
    (key) => {
      current = key
      found.value = undefined
      const images = pair()
      // Read errors are shown with the images themselves.
      if (images) void read(key, images).catch(() => {})
    },
    { immediate: true },
  )
  onUnmounted(() => (current = 'gone'))
  return found
}
