// An image file opened to see its recipe; the page settings are not changed.
import { shallowRef } from 'vue'
import type { ImageDetails } from '../../../shared/contract/api.ts'
import { MAX_HANDED_BYTES } from '../../../shared/contract/handed-pictures.ts'
import { calls } from '../app/calls.ts'
import { byteWords } from '../app/words.ts'

export interface DroppedPicture {
  readonly file: File
  /** Of its pixels. */
  readonly url: string
  /** The recipe or problem; both undefined while the file is read. */
  readonly details?: ImageDetails
  readonly problem?: string
}

export const dropped = shallowRef<DroppedPicture>()

/** Shows the recipe stored in a file. */
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
