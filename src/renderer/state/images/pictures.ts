// Pixels of finished images as object URLs: fetched when first looked at, a few at a time, the oldest forgotten.
import { shallowReactive } from 'vue'
import { calls } from '../app/calls.ts'

export type Picture = { readonly url: string } | { readonly problem: string } | undefined

/** Decoded 256 x 256 images take 256 kB each; these stay far below what a page may use. */
const KEPT = 2000
const AT_ONCE = 6
/** More than are on screen: what was asked before these has been scrolled past, or asks again. */
const WAITING = 160

const pictures = shallowReactive(new Map<string, Picture>())
const waiting: { readonly run: string; readonly image: number }[] = []
let fetching = 0

/** The picture of an image, fetched if need be; undefined while it is on its way. */
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

/** After a new connection: what failed may have failed with the old one. */
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
