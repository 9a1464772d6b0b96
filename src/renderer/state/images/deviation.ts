// The finished pictures of a run -> their per-pixel deviation; one picture at a time, between frames.
import { onUnmounted, shallowRef, watch, type ShallowRef } from 'vue'
import { calls } from '../app/calls.ts'
import { imagesOf } from './images.ts'
import { pngPixels } from './png-pixels.ts'
import { pixelSums, type PixelSums, type PixelStatistics } from './pixel-statistics.ts'

/** More pictures would not visibly change the map. */
export const MOST_PICTURES = 512

export interface Deviation {
  readonly statistics: PixelStatistics
  /** Pictures that could not be read. */
  readonly lost: number
}

/** Follows a run; undefined until its first picture has been added. */
export function useDeviation(run: () => string | undefined): ShallowRef<Deviation | undefined> {
  const found: ShallowRef<Deviation | undefined> = shallowRef()
  let added = new Set<number>()
  let sums: PixelSums | undefined
  let lost = 0
  let working: string | undefined
  let gone = false

  const add = async (id: string): Promise<void> => {
    if (working === id) return
    working = id
    for (;;) {
      const next = (imagesOf(id) ?? []).find(({ image }) => !added.has(image))
      if (gone || run() !== id || !next || added.size >= MOST_PICTURES) break
      added.add(next.image)
      try {
        const pixels = await pngPixels(await calls().readImage(id, next.image))
        if (gone || run() !== id) break
        sums ??= pixelSums(pixels.width)
        sums.add(pixels.data)
        found.value = { statistics: sums.result(), lost }
      } catch {
        lost++
      }
      await nextFrame()
    }
    if (working === id) working = undefined
  }
  watch(
    run,
    () => {
      added = new Set()
      sums = found.value = undefined
      lost = 0
    },
    { flush: 'sync' },
  )
  watch(
    () => {
      const id = run()
      return id === undefined ? undefined : imagesOf(id)
    },
    () => {
      const id = run()
      if (id !== undefined) void add(id)
    },
    { immediate: true },
  )
  onUnmounted(() => (gone = true))
  return found
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
