// Sources for figures: runs, atlases, and images from the comparison or sent by another page.
import { computed } from 'vue'
import type { ImageRef } from '../../../shared/figures/image-ref.ts'
import { address } from '../app/address.ts'
import { finishedAtlases } from '../clusters/atlases.ts'
import { parseImages } from '../images/image-names.ts'
import { picks } from '../images/picks.ts'
import { runs } from '../sample/runs.ts'
import type { Stock } from './new-panel.ts'

/** Images that another page sent, to add to a figure. */
export const sent = computed<readonly ImageRef[]>(() => parseImages(address.value.query.images ?? ''))

export const stock = computed<Stock>(() => ({
  runs: runs.value,
  chosen: sent.value.length > 0 ? sent.value : picks.value.map(({ run, image }) => ({ run, image })),
  atlases: finishedAtlases.value.map(({ id }) => id),
}))
