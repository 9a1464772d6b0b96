// The last inspected image, so that Inspect reopens it.
import { shallowRef, watchEffect } from 'vue'
import { address } from '../app/address.ts'

export interface ImageAddress {
  readonly run: string
  readonly image: number
}
export const lastInspected = shallowRef<ImageAddress>()

watchEffect(() => {
  const { page, run, image } = address.value
  if (page === 'inspect' && run !== undefined && image !== undefined) lastInspected.value = { run, image }
})
