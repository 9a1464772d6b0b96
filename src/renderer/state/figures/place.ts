// The view state of the composer: panel, cell, zoom and tab, all in the address.
import { computed, shallowRef } from 'vue'
import { address, adjust } from '../app/address.ts'
import { draft } from './composer.ts'
import { panelPath, panelsOfDraft, valueAt, type PanelDraft, type Path } from './draft.ts'

const whole = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : undefined

const count = computed(() => (draft.value ? panelsOfDraft(draft.value).length : 0))

/** The panel whose fields are shown. */
export const panel = computed(() =>
  Math.min(whole(address.value.query.panel) ?? 0, Math.max(0, count.value - 1)),
)
export const panelAt = computed<Path>(() => (draft.value && panelPath(draft.value, panel.value)) ?? [])
export const panelDraft = computed(() =>
  panelAt.value.length > 0 ? (valueAt(draft.value, panelAt.value) as PanelDraft) : undefined,
)
/** The cell that keys act on. */
export const cell = computed(() => whole(address.value.query.cell))

export function choosePanel(index: number): void {
  const kept = Math.max(0, Math.min(index, count.value - 1))
  adjust({ panel: kept === 0 ? undefined : String(kept), cell: undefined })
}
export function chooseCell(index: number, at: number | undefined): void {
  adjust({ panel: index === 0 ? undefined : String(index), cell: at === undefined ? undefined : String(at) })
}

/** In percent of true size; undefined fits the window. */
export const zoom = computed(() => whole(address.value.query.zoom))
export const setZoom = (percent: number | undefined) =>
  adjust({ zoom: percent === undefined ? undefined : String(percent) })

export const TABS = ['panel', 'page', 'words', 'json'] as const
export type Tab = (typeof TABS)[number]
export const tab = computed<Tab>(() => TABS.find((name) => name === address.value.query.tab) ?? 'panel')
export const showTab = (name: Tab) => adjust({ tab: name === 'panel' ? undefined : name })

/** What a drag on a cell does. */
export type Tool = 'move' | 'crop' | 'inset'
export const tool = shallowRef<Tool>('move')
