// The nearest real images of measurements, and pictures of image sets: requested on first use, then cached.
import type { NearestImages, SetSource } from '../../../shared/evaluation/measurements.ts'
import { asking, type Asked } from '../app/asking.ts'
import { calls } from '../app/calls.ts'
import { imagesOf } from '../images/images.ts'
import { pictureOf } from '../images/pictures.ts'
import { parseJson } from '../../../shared/plain-json.ts'

const nearest = asking(4, (key) => calls().readNearest(key.slice(0, -1)))

/** Returns `{ value: undefined }` if they have not been computed. */
export const nearestOf = (measurement: string): Asked<NearestImages | undefined> =>
  nearest.of(`${measurement}/`)

/** A search has ended: reload its result. */
export const forgetNearest = (measurement: string): void => nearest.forget(`${measurement}/`)

/** After a reconnect: requests that failed may have failed with the old connection. */
export function retryNearest(): void {
  nearest.retry()
  pictures.retry()
}

const PICTURES_AT_ONCE = 6
let reading = 0
const turns: (() => void)[] = []
const pictures = asking(
  1000,
  async (key) => {
    if (reading >= PICTURES_AT_ONCE) await new Promise<void>((go) => turns.push(go))
    reading++
    try {
      const [source, image] = parseJson(key) as [SetSource, number]
      const { name, png } = await calls().readSetPicture(source, image)
      return { name, url: URL.createObjectURL(new Blob([Uint8Array.from(png)], { type: 'image/png' })) }
    } finally {
      reading--
      turns.shift()?.()
    }
  },
  ({ url }) => URL.revokeObjectURL(url),
)

export interface ShownImage {
  readonly name: string
  readonly url?: string
  readonly problem?: string
  /** For a run: its address in Inspect. */
  readonly run?: { readonly run: string; readonly image: number }
}

/** An image of a set by index, if it exists. */
export function imageOfSet(source: SetSource, place: number): ShownImage {
  if (source.kind === 'run') {
    const entry = imagesOf(source.run)?.[place]
    if (!entry) return { name: `image ${place}` }
    const run = { run: source.run, image: entry.image }
    return { name: `image ${entry.image}`, run, ...pictureOf(run.run, run.image) }
  }
  const found = pictures.of(JSON.stringify([source, place]))
  if (found && 'value' in found) return found.value
  return { name: `image ${place}`, ...found }
}

/** Indices of the samples that were measured, from the farthest from any real image to the nearest, or reversed. */
export function ranked({ k, distance }: NearestImages, worstFirst: boolean): number[] {
  const sign = worstFirst ? -1 : 1
  const places = Array.from({ length: distance.length / k }, (_, i) => i).filter(
    (place) => !Number.isNaN(distance[place * k]!),
  )
  return places.sort((a, b) => sign * (distance[a * k]! - distance[b * k]!) || a - b)
}

/** Fraction of the real images that have another real image at least this close; undefined for a single image. */
export function shareNearer({ real }: NearestImages, distance: number): number | undefined {
  if (real.length === 0) return undefined
  return real.filter((other) => other <= distance).length / real.length
}
