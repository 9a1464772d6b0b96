// Favorite images, as reported by the engine.
import { computed, shallowRef } from 'vue'
import type { ImageName } from '../../../shared/contract/api.ts'
import { calls } from '../app/calls.ts'
import { attempt } from '../app/problems.ts'

/** In the order of marking. */
export const favourites = shallowRef<readonly ImageName[]>([])
const keyOf = (run: string, image: number) => `${run}/${image}`
const marked = computed(() => new Set(favourites.value.map(({ run, image }) => keyOf(run, image))))

/** Replaces all favorites. */
export function putFavourites(all: readonly ImageName[]): void {
  favourites.value = Object.freeze(all)
}

export const isFavourite = (run: string, image: number): boolean => marked.value.has(keyOf(run, image))

export async function toggleFavourite(run: string, image: number): Promise<void> {
  await attempt('Could not save the favorite', () =>
    calls().setFavourite(run, image, !isFavourite(run, image)),
  )
}
