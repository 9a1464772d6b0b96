// Pixels of finished images as object URLs: fetched on first use, a few at a time; the oldest are evicted.
import { shallowReactive } from 'vue'
import { calls } from '../app/calls.ts'

export type Picture = { readonly url: string } | { readonly problem: string } | undefined

/** Decoded 256 x 256 images take 256 kB each; this stays far below the memory limit of a page. */
const KEPT = 2000
const AT_ONCE = 6
/** More than fit on screen: older requests have scrolled out of view, or are repeated. */
const WAITING = 160

const pictures = shallowReactive(new Map<string, Picture>())
const waiting: { readonly run: string; readonly image: number }[] = []
let fetching = 0

/** The picture of an image, fetched if needed; undefined while loading. */
export function pictureOf(run: string, image: number): Picture {
  const key = `${run}/${image}`
  if (!pictures.has(key)) {
    pictures.set(key, undefined)
    waiting.push({ run, image })
    if (waiting.length > WAITING) queueMicrotask(dropOldest)
    queueMicrotask(fetchNext)
  }
  return pictures.get(key)
}

function fetchNext(): void {
  while (fetching < AT_ONCE && waiting.length > 0) void fetchOne(waiting.shift()!)
}

async function fetchOne({ run, image }: { run: string; image: number }): Promise<void> {
  fetching++
  try {
    const png = await calls().readImage(run, image)
    const url = URL.createObjectURL(new Blob([Uint8Array.from(png)], { type: 'image/png' }))
    pictures.set(`${run}/${image}`, { url })
    forgetOldest()
  } catch (error) {
    pictures.set(`${run}/${image}`, { problem: error instanceof Error ? error.message : String(error) })
  } finally {
    fetching--
    fetchNext()
  }
}

/** After a reconnect: requests that failed may have failed with the old connection. */
export function retryPictures(): void {
  for (const [key, picture] of pictures) if (picture && 'problem' in picture) pictures.delete(key)
}

function dropOldest(): void {
  while (waiting.length > WAITING) {
    const { run, image } = waiting.shift()!
    pictures.delete(`${run}/${image}`)
  }
}

function forgetOldest(): void {
  for (const [key, picture] of pictures) {
    if (pictures.size <= KEPT) return
    if (!picture) continue
    if ('url' in picture) URL.revokeObjectURL(picture.url)
    pictures.delete(key)
  }
}
