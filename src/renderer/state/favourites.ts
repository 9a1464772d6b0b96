// Images that someone marked, as the engine tells.
import { shallowRef } from 'vue'
import type { ImageName } from '../../shared/api.ts'
import { calls } from './calls.ts'
import { attempt } from './problems.ts'

const marked = shallowRef<ReadonlySet<string>>(new Set())
const keyOf = (run: string, image: number) => `${run}/${image}`

/** Takes every favourite there is. */
export function putFavourites(all: readonly ImageName[]): void {
  marked.value = new Set(all.map(({ run, image }) => keyOf(run, image)))
}

export const isFavourite = (run: string, image: number): boolean => marked.value.has(keyOf(run, image))

export async function toggleFavourite(run: string, image: number): Promise<void> {
  await attempt('The favourite was not kept', () =>
    calls().setFavourite(run, image, !isFavourite(run, image)),
  )
}
