// Pictures that the engine makes when asked, as object URLs: one at a time, since each may take a network; the oldest are
// evicted.
import { shallowReactive } from 'vue'
import type { Picture } from './pictures.ts'

export interface KeptPictures<Name extends readonly (string | number)[]> {
  /** Requested if needed; undefined while loading. */
  pictureOf(...name: Name): Picture
  /** Drops failed ones: they may have failed with the old connection, or for want of models. */
  retry(): void
}

/** Keeps this many of the PNG pictures that `read` returns. */
export function keptPictures<Name extends readonly (string | number)[]>(
  most: number,
  read: (...name: Name) => Promise<Uint8Array>,
): KeptPictures<Name> {
  const pictures = shallowReactive(new Map<string, Picture>())
  let last: Promise<void> = Promise.resolve()

  const fetchOne = async (key: string, name: Name): Promise<void> => {
    try {
      const png = await read(...name)
      pictures.set(key, {
        url: URL.createObjectURL(new Blob([Uint8Array.from(png)], { type: 'image/png' })),
      })
    } catch (error) {
      pictures.set(key, { problem: error instanceof Error ? error.message : String(error) })
    }
    for (const [old, picture] of pictures) {
      if (pictures.size <= most) return
      if (picture && 'url' in picture) URL.revokeObjectURL(picture.url)
      pictures.delete(old)
    }
  }
  return {
    pictureOf(...name) {
      const key = name.join('/')
      if (!pictures.has(key)) {
        pictures.set(key, undefined)
        queueMicrotask(() => (last = last.then(() => fetchOne(key, name))))
      }
      return pictures.get(key)
    },
    retry() {
      for (const [key, picture] of pictures) if (picture && 'problem' in picture) pictures.delete(key)
    },
  }
}
