// What the "Why this token" section of Inspect shows: the selected view, layer and head, from the address, and their colors.
import { computed, onUnmounted, shallowRef, watch, type ComputedRef } from 'vue'
import type { GridName } from '../../../shared/grid/layout.ts'
import type { CellAttention } from '../../../shared/run/attention.ts'
import { divergingGradient } from '../../colour/diverging.ts'
import { heatGradient, type HeatScale } from '../../colour/heat.ts'
import { address, adjust } from '../app/address.ts'
import { valueOf, type Asked } from '../app/asking.ts'
import { influence, showInfluence, stopInfluence } from './influence.ts'
import {
  attentionOf,
  changePixels,
  depthIn,
  headIn,
  keyOf,
  onGrids,
  reachOf,
  sharePixels,
  sumOfGrids,
  veilPixels,
  visibleCells,
  weightsAt,
  type AskedCell,
  type Depth,
  type OnGrids,
} from './why.ts'

export const VIEWS = [
  { value: 'attention', text: 'Attention', title: 'Where the model reads when it predicts the cell' },
  { value: 'influence', text: 'Influence', title: 'How much each cell changes the probability of the token' },
  { value: 'layers', text: 'Layers', title: 'What the model would have drawn after each layer' },
] as const
export type View = (typeof VIEWS)[number]['value']

/** A cell that is explained, and what is known about it. */
export interface Why {
  readonly asked: AskedCell
  readonly view: View
  readonly attention: Asked<CellAttention>
}

/** Numbers on the grids of an image, as colors. */
export interface HeatMaps {
  readonly values: OnGrids
  readonly pixels: Readonly<Partial<Record<GridName, Uint8ClampedArray<ArrayBuffer>>>>
  /** Over the picture: dark where the sum over both grids is small. */
  readonly veil: Uint8ClampedArray<ArrayBuffer>
  /** Cells with a corner in the attention of masked decoding: those that had a token. */
  readonly marked: Readonly<Partial<Record<GridName, readonly number[]>>>
  /** For the legend. */
  readonly scale: HeatScale
  readonly gradient: string
  readonly label: string
  readonly unit: string
}

/** The selected view; undefined while the section is closed. */
export const view = computed(
  () =>
    VIEWS.find(({ value }) => value === address.value.query.why)?.value ??
    (address.value.query.why === undefined ? undefined : 'attention'),
)
export const toggleWhy = (): void => adjust({ why: view.value ? undefined : 'attention', same: undefined })

export const depthOf = ({ layers }: CellAttention): Depth => depthIn(address.value.query.depth, layers)
export const headOf = ({ heads }: CellAttention) => headIn(address.value.query.head, heads)

/** Layers from 1, then their mean, then rollout: the stops of the slider. */
export const stopOf = ({ layers }: CellAttention, depth: Depth): number =>
  depth === 'rollout' ? layers + 2 : depth === 'mean' ? layers + 1 : depth
export function goToStop({ layers }: CellAttention, stop: number): void {
  const at = Math.min(layers + 2, Math.max(1, stop))
  adjust({ depth: at === layers + 2 ? 'rollout' : at === layers + 1 ? undefined : String(at) })
}

/** The next layer, mean or rollout, if the attention is on the page. */
export function stepDepth(why: Why | undefined, by: number): void {
  const found = why?.view === 'attention' ? valueOf(why.attention) : undefined
  if (found) goToStop(found, stopOf(found, depthOf(found)) + by)
}

/** Attention costs a pass of the model: wait until the cell has been selected for a moment. */
const PAUSE = 120

/** Follows the selected cell while the section is open. */
export function useWhy(selected: () => AskedCell | undefined): {
  readonly why: ComputedRef<Why | undefined>
  readonly maps: ComputedRef<HeatMaps | undefined>
} {
  const now = computed(() => (view.value ? selected() : undefined))
  const key = computed(() => now.value && keyOf(now.value))
  const settled = shallowRef(key.value)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(key, () => {
    clearTimeout(timer)
    timer = setTimeout(() => (settled.value = key.value), PAUSE)
  })
  watch(now, (asked) => (asked ? showInfluence(asked) : stopInfluence()), { immediate: true })
  onUnmounted(() => {
    clearTimeout(timer)
    stopInfluence()
  })

  const why = computed((): Why | undefined => {
    const asked = now.value
    if (!asked || !view.value) return undefined
    const attention = settled.value === key.value ? attentionOf(asked) : undefined
    return { asked, view: view.value, attention }
  })
  const maps = computed(() => why.value && mapsOf(why.value))
  return { why, maps }
}

function mapsOf({ asked, view, attention }: Why): HeatMaps | undefined {
  const found = valueOf(attention)
  if (!found || view === 'layers' || found.input.positions === 1) return undefined
  const isAttention = view === 'attention'
  const measured = influence.value?.key === keyOf(asked) ? influence.value.changes : undefined
  const values = isAttention ? weightsAt(found, depthOf(found), headOf(found)) : measured
  if (!values) return undefined
  const grids = onGrids(found.input, asked.grid, values)
  const reach = reachOf(grids)
  const colours = (on: Float32Array) =>
    isAttention ? sharePixels(on, { least: 0, most: reach, logarithmic: false }) : changePixels(on, reach)
  return {
    values: grids,
    pixels: Object.fromEntries(Object.entries(grids).map(([name, on]) => [name, colours(on)])),
    veil: veilPixels(sumOfGrids(grids)),
    marked: isAttention ? { [asked.grid]: visibleCells(found.input) } : {},
    ...(isAttention ? attentionLegend(100 * reach) : influenceLegend(reach)),
  }
}

const attentionLegend = (most: number) => ({
  scale: { least: 0, most, logarithmic: false },
  gradient: heatGradient,
  label: 'Attention',
  unit: ' %',
})
const influenceLegend = (reach: number) => ({
  scale: { least: -reach, most: reach, logarithmic: false },
  gradient: divergingGradient,
  label: 'Influence',
  unit: ' nats',
})
