// Figures of the workspace: listed when their page opens and at every connection; created, copied, removed.
import { shallowReactive, shallowRef } from 'vue'
import type { WorkspaceFigure } from '../../../shared/figures/figures.ts'
import { calls } from '../app/calls.ts'
import { notify } from '../app/notices.ts'
import { attempt, attemptAgain } from '../app/problems.ts'

/** Undefined until listed. */
export const figures = shallowRef<readonly WorkspaceFigure[]>()

export async function refetchFigures(): Promise<void> {
  const found = await attemptAgain('Could not list the figures', () => calls().listFigures())
  if (found) figures.value = Object.freeze(found)
}

/** Returns the new figure's id. */
export async function createFigure(name: string, text: string): Promise<string | undefined> {
  const id = await attempt('Could not create the figure', () => calls().createFigure(name, text))
  if (id !== undefined) void refetchFigures()
  return id
}

export async function copyFigure(id: string): Promise<void> {
  const copy = await attempt('Could not copy the figure', () => calls().copyFigure(id))
  if (copy === undefined) return
  notify(`Copied as ${copy}`)
  void refetchFigures()
}

/** True if renamed. */
export async function renameFigure(id: string, name: string): Promise<boolean> {
  const done = await attempt('Could not rename the figure', async () => {
    await calls().renameFigure(id, name)
    return true
  })
  void refetchFigures()
  return done === true
}

export async function removeFigure(id: string): Promise<void> {
  const gone = await attempt('Could not remove the figure', async () => {
    await calls().removeFigure(id)
    return true
  })
  if (!gone) return
  notify(`Removed ${id}`, {
    text: 'Undo',
    press: () =>
      void attempt('Could not restore the figure', () => calls().restoreFigure(id)).then(refetchFigures),
  })
  void refetchFigures()
}

/** Imports a selected figure.json. Its file name becomes the figure's name. */
export async function importFigure(file: File): Promise<string | undefined> {
  const stem = file.name.replace(/(\.figure)?\.json$/, '')
  const name = stem.replaceAll(/[^\w.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'figure'
  return createFigure(name.slice(0, 64), await file.text())
}

type Thumbnail = { readonly url: string } | { readonly problem: string } | undefined
const thumbnails = shallowReactive(new Map<string, Thumbnail>())
let asking: Promise<void> = Promise.resolve()

/** A thumbnail of the saved figure. */
export function thumbnailOf({ id, changed }: WorkspaceFigure): Thumbnail {
  const key = `${id} ${changed}`
  if (!thumbnails.has(key)) {
    thumbnails.set(key, undefined)
    // One at a time: each reads every image of a figure.
    asking = asking.then(() => readThumbnail(key, id))
  }
  return thumbnails.get(key)
}

async function readThumbnail(key: string, id: string): Promise<void> {
  try {
    const png = await calls().readFigureThumbnail(id)
    const url = URL.createObjectURL(new Blob([Uint8Array.from(png)], { type: 'image/png' }))
    thumbnails.set(key, { url })
  } catch (error) {
    thumbnails.set(key, { problem: error instanceof Error ? error.message : String(error) })
  }
}
