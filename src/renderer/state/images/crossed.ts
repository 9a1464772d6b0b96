// The finished pictures of a crossed run -> the split of their variance; one picture at a time, between frames.
import { onUnmounted, shallowRef, watch, type ShallowRef } from 'vue'
import { calls } from '../app/calls.ts'
import { crossedSums, type CrossedSums, type CrossedVariance } from './crossed-variance.ts'
import { imagesOf } from './images.ts'
import { pngPixels } from './png-pixels.ts'

/** Picture k is of grid floor(k / noises) and noise k mod noises. */
export interface CrossedRun {
  readonly id: string
  readonly grids: number
  readonly noises: number
}

export interface CrossedState {
  /** Pictures read so far. */
  readonly added: number
  /** Once all pictures were read. */
  readonly variance?: CrossedVariance
  /** Pictures that could not be read: the split needs all. */
  readonly lost: number
}

/** Follows a run; undefined until its first picture was read. */
export function useCrossed(run: () => CrossedRun | undefined): ShallowRef<CrossedState | undefined> {
  const found: ShallowRef<CrossedState | undefined> = shallowRef()
  let read = new Set<number>()
  let sums: CrossedSums | undefined
  let lost = 0
  let working: string | undefined
  let gone = false

  const add = async ({ id, grids, noises }: CrossedRun): Promise<void> => {
    if (working === id) return
    working = id
    for (;;) {
      const next = (imagesOf(id) ?? []).find(({ image }) => !read.has(image))
      if (gone || run()?.id !== id || !next) break
      read.add(next.image)
      try {
        const pixels = await pngPixels(await calls().readImage(id, next.image))
        if (gone || run()?.id !== id) break
        sums ??= crossedSums(pixels.width, grids, noises)
        sums.add(pixels.data, Math.floor(next.image / noises), next.image % noises)
      } catch {
        lost++
      }
      const variance = sums?.result()
      found.value = { added: sums?.added ?? 0, lost, ...(variance ? { variance } : {}) }
      await nextFrame()
    }
    if (working === id) working = undefined
  }
  watch(
    () => run()?.id,
    () => {
      read = new Set()
      sums = found.value = undefined
      lost = 0
    },
    { flush: 'sync' },
  )
  watch(
    () => {
      const now = run()
      return now && imagesOf(now.id)
    },
    () => {
      const now = run()
      if (now) void add(now)
    },
    { immediate: true },
  )
  onUnmounted(() => (gone = true))
  return found
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
