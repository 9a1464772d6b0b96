// An image file that someone opened to see its recipe: nothing of the page's settings is touched.
import { shallowRef } from 'vue'
import type { ImageDetails } from '../../../shared/contract/api.ts'
import { MAX_HANDED_BYTES } from '../../../shared/contract/handed-pictures.ts'
import { calls } from '../app/calls.ts'
import { byteWords } from '../app/words.ts'

export interface DroppedPicture {
  readonly file: File
  /** Of its pixels. */
  readonly url: string
  /** What it says of itself; neither is there while it is being read. */
  readonly details?: ImageDetails
  readonly problem?: string
}

export const dropped = shallowRef<DroppedPicture>()

/** Shows what a file says of itself. */
export async function openDropped(file: File): Promise<void> {
  closeDropped()
  const opened: DroppedPicture = { file, url: URL.createObjectURL(file) }
  dropped.value = opened
  const read = await readDetails(file)
  if (dropped.value === opened) dropped.value = { ...opened, ...read }
}

export function closeDropped(): void {
  if (dropped.value) URL.revokeObjectURL(dropped.value.url)
  dropped.value = undefined
}

async function readDetails(file: File): Promise<Pick<DroppedPicture, 'details' | 'problem'>> {
  if (file.size > MAX_HANDED_BYTES)
    return {
      problem: `${file.name}: file too large (found ${byteWords(file.size)}, at most ${byteWords(MAX_HANDED_BYTES)})`,
    }
  try {
    const bytes = new Uint8Array(await file.arrayBuffer())
    return { details: Object.freeze(await calls().readPicture(file.name, bytes)) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
