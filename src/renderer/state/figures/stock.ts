// Sources for figures: runs, atlases, and images from the comparison or sent by another page.
import { computed } from 'vue'
import type { ImageRef } from '../../../shared/figures/image-ref.ts'
import { address } from '../app/address.ts'
import { finishedAtlases } from '../clusters/atlases.ts'
import { parseImages } from '../images/image-names.ts'
import { picks } from '../images/picks.ts'
import { runs } from '../sample/runs.ts'
import { imageWords } from '../app/words.ts'
import { ChartPanelSchema } from '../../../shared/figures/panels.ts'
import { parseJson } from '../../../shared/plain-json.ts'
import type { PanelDraft } from './draft.ts'
import { sentPanel, type Stock } from './new-panel.ts'

/** Images that another page sent, to add to a figure. */
export const sent = computed<readonly ImageRef[]>(() => parseImages(address.value.query.images ?? ''))

/** A chart that another page sent. */
export const sentChart = computed<PanelDraft | undefined>(() => {
  const text = address.value.query.chart
  return text === undefined ? undefined : ChartPanelSchema.safeParse(parsed(text)).data
})

/** What another page sent, as a panel, and its words. */
export const sentToPlace = computed(() => {
  if (sentChart.value) return { panel: sentChart.value, words: 'A chart' }
  if (sent.value.length === 0) return undefined
  return { panel: sentPanel(sent.value, runs.value), words: imageWords(sent.value.length) }
})

/** Undefined if the text is not JSON. */
function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

export const stock = computed<Stock>(() => ({
  runs: runs.value,
  chosen: sent.value.length > 0 ? sent.value : picks.value.map(({ run, image }) => ({ run, image })),
  atlases: finishedAtlases.value.map(({ id }) => id),
}))
