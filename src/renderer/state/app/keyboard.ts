// The keyboard table: the keys that the page handles, and the list shown by `?`.
import { onUnmounted, shallowRef } from 'vue'
import { go, PAGE_TITLES, RAIL, type PageName } from './address.ts'
import { nextPalette } from './appearance.ts'
import { lastInspected } from '../inspect/inspected.ts'

export interface Key {
  /** `KeyboardEvent.key`; with Ctrl (or Command) `Ctrl+z`, and with Shift `Ctrl+Shift+z`. */
  readonly key: string
  readonly what: string
  readonly press: () => void
  /** Also works while typing in a field. */
  readonly always?: boolean
}

export const keysShown = shallowRef(false)
const pageKeys = shallowRef<readonly Key[]>([])

const toPage = (page: PageName, index: number): Key => ({
  key: String(index + 1),
  what: PAGE_TITLES[page],
  press: () => go({ page, ...(page === 'inspect' ? lastInspected.value : {}) }),
})
const EVERYWHERE: readonly Key[] = [
  ...RAIL.map(toPage),
  { key: 't', what: 'Next token colors', press: nextPalette },
  { key: '?', what: 'Keyboard shortcuts', press: () => (keysShown.value = !keysShown.value) },
]

/** Additional keys of a page, from its setup until it is unmounted or replaced. */
export function usePageKeys(keys: readonly Key[]): void {
  pageKeys.value = keys
  onUnmounted(() => {
    if (pageKeys.value === keys) pageKeys.value = []
  })
}

/** Starts listening; call once. */
export function followKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.altKey || event.defaultPrevented || keysShown.value) return
    // A dialog holds the focus and has its own keys: Escape closes it.
    if (event.target instanceof Element && event.target.closest('[role=dialog]')) return
    const pressed = nameOf(event)
    // After it, the keys of the page work again.
    if (pressed === 'Escape' && isField(event.target)) event.target.blur()
    const found = [...pageKeys.value, ...EVERYWHERE].find(({ key }) => key === pressed)
    if (!found || (!found.always && isTaken(event))) return
    event.preventDefault()
    found.press()
  })
}

function nameOf({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): string {
  if (!ctrlKey && !metaKey) return key
  return `Ctrl+${shiftKey ? 'Shift+' : ''}${key.toLowerCase()}`
}

/** Whether one types or chooses in it. */
const isField = (target: EventTarget | null): target is HTMLElement =>
  target instanceof HTMLElement &&
  target.matches(`input:not(${WITHOUT_TEXT}), select, textarea, [role=option], [contenteditable]`)
const WITHOUT_TEXT = '[type=radio], [type=checkbox], [type=range]'

/** Whether the focused element handles the key itself. */
function isTaken({ target, key }: KeyboardEvent): boolean {
  if (isField(target)) return true
  if (!(target instanceof HTMLElement)) return false
  if (target.matches('input')) return key === ' ' || key.startsWith('Arrow')
  return (key === 'Enter' || key === ' ') && target.matches('button, a, summary')
}

const GALLERY: readonly [string, string][] = [
  ['← → ↑ ↓', 'Move between images'],
  ['Home End', 'First, last image'],
  ['Enter', 'Open the image'],
  ['f x', 'Favorite; add to comparison'],
  ['r', 'Show regions of the image (Library)'],
]
const STUDIO: readonly [string, string][] = [
  ['Enter', 'Resample the free cells'],
  ['n', 'Branch from the cell'],
  ['d', 'Decode as edited'],
  ['← → ↑ ↓', 'Move between cells'],
  ['Space', 'Pin or unpin the cell'],
  ['m b', 'Rectangle, brush'],
  ['i s w', 'Invert; same token; row'],
  ['Ctrl A', 'Pin all cells'],
  ['Esc', 'Unpin all cells'],
  ['Ctrl Z', 'Undo'],
  ['Ctrl ⇧ Z', 'Redo'],
  ['g l', 'Switch grid; next layer'],
  ['[ ]', 'Previous, next image'],
  ['f x', 'Favorite; add to comparison'],
  ['q o', 'Gallery; Inspect'],
]
const INSPECT: readonly [string, string][] = [
  ['← → ↑ ↓', 'Move between cells'],
  ['[ ]', 'Previous, next image'],
  ['l', 'Next layer'],
  ['s', 'Show the same token'],
  ['w', 'Why this token'],
  [', .', 'Previous, next layer of attention'],
  ['o', 'Overlay tokens on the pixels'],
  ['f x', 'Favorite; add to comparison'],
  ['e r', 'Edit in the studio; show regions'],
  ['Esc', 'Deselect the cell'],
]

const COMPARE: readonly [string, string][] = [
  ['← → ↑ ↓', 'Move between cells'],
  ['Space', 'Play, pause'],
  [', .', 'Step back, forward'],
  ['Home End', 'First, last step'],
  ['Esc', 'Deselect the cell'],
]
const CLUSTERS: readonly [string, string][] = [
  ['/', 'Search the table'],
  ['m g', 'Table or map; gallery'],
  ['p', 'Find by picture'],
  ['Esc', 'Clear the lasso and the picture'],
  ['[ ]', 'Previous, next cluster'],
  ['r', 'Random cluster'],
  ['c', 'Crop or whole picture'],
  ['e', 'Label the cluster'],
  ['Ctrl Z', 'Undo the last label edit'],
  ['q', 'Back to the clusters'],
]
const EVALUATE: readonly [string, string][] = [
  ['/', 'Search the measurements'],
  ['p', 'Published results; measurements'],
  ['[ ]', 'Previous, next measurement'],
  ['q', 'Back to the table'],
]
const FIGURES: readonly [string, string][] = [
  ['← → ↑ ↓', 'Move between cells'],
  ['⇧ ← →', 'Move the image'],
  ['Delete', 'Remove the image'],
  ['[ ]', 'Previous, next panel'],
  ['Ctrl Z', 'Undo'],
  ['Ctrl ⇧ Z', 'Redo'],
  ['q', 'All figures'],
]

const REGIONS: readonly [string, string][] = [
  ['← → ↑ ↓', 'Move between patches'],
  ['Enter', 'Open the cluster'],
  ['[ ]', 'Previous, next picture'],
  ['g', 'Clusters or VQGAN codes'],
  ['p', 'Sampled or re-encoded tokens'],
  ['o m', 'Outlines; merge neighbors'],
  ['b', 'Foreground only'],
  ['Esc', 'Deselect the patch'],
]

const CURVES: readonly [string, string][] = [
  ['s c v p', 'Sweeps; curves; verdict; linear probe'],
  ['[ ]', 'Previous, next point'],
]

/** All keys, for display. */
export const KEY_LIST: readonly { title: string; keys: readonly [string, string][] }[] = [
  {
    title: 'Everywhere',
    keys: [...EVERYWHERE.map(({ key, what }): [string, string] => [key, what]), ['Esc', 'Leave a field']],
  },
  {
    title: 'Sample',
    keys: [
      ['Enter', 'Start'],
      ['i', 'Inspect the image'],
      ['Esc', 'Cancel the run'],
    ],
  },
  { title: 'Studio', keys: STUDIO },
  { title: 'Images', keys: GALLERY },
  { title: 'Inspect', keys: INSPECT },
  { title: 'Compare', keys: COMPARE },
  { title: 'Clusters', keys: CLUSTERS },
  { title: 'Regions', keys: REGIONS },
  { title: 'Evaluate', keys: EVALUATE },
  { title: 'Codebooks', keys: [['x', 'Swap the codebooks']] },
  { title: 'Figures', keys: FIGURES },
  { title: 'Curves', keys: CURVES },
]
