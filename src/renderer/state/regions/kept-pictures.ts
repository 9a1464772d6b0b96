// Pictures added by the user for Regions: listed when a view first needs them, added and removed.
import { shallowRef } from 'vue'
import { MAX_HANDED_BYTES } from '../../../shared/contract/handed-pictures.ts'
import type { KeptPicture } from '../../../shared/atlas/regions.ts'
import { go, ifStillHere } from '../app/address.ts'
import { calls } from '../app/calls.ts'
import { regionsAddress } from './picture-address.ts'
import { attempt, report } from '../app/problems.ts'
import { byteWords } from '../app/words.ts'

const listed = shallowRef<readonly KeptPicture[]>()
let asked = false

/** Newest first; undefined while they are being listed. */
export function keptPictures(): readonly KeptPicture[] | undefined {
  if (!asked) {
    asked = true
    void refetchKeptPictures()
  }
  return listed.value
}

export async function refetchKeptPictures(): Promise<void> {
  if (!asked) return
  const found = await attempt('Could not list the pictures', () => calls().listPictures())
  listed.value = Object.freeze(found ?? listed.value ?? [])
}

/** Adds pictures to the workspace and shows the regions of the first. */
export async function openPictures(files: readonly File[]): Promise<void> {
  const large = files.find(({ size }) => size > MAX_HANDED_BYTES)
  if (large)
    return report(
      'Could not open the picture',
      `${large.name}: file too large (found ${byteWords(large.size)}, at most ${byteWords(MAX_HANDED_BYTES)})`,
    )
  const ifHere = ifStillHere()
  let first: string | undefined
  for (const file of files) {
    const id = await attempt('Could not open the picture', async () =>
      calls().keepPicture(file.name.slice(0, 255), new Uint8Array(await file.arrayBuffer())),
    )
    first ??= id
  }
  asked = true
  await refetchKeptPictures()
  const picture = first
  if (picture !== undefined) ifHere(() => go(regionsAddress({ of: 'picture', picture })))
}

export async function removePicture(id: string): Promise<void> {
  await attempt('Could not remove the picture', () => calls().removePicture(id))
  await refetchKeptPictures()
}
