// One table of keys: what the page listens to, and what `?` shows.
import { onUnmounted, shallowRef } from 'vue'
import { go, type PageName } from './address.ts'
import { lastInspected } from './inspected.ts'

export interface Key {
  /** As `KeyboardEvent.key` says it. */
  readonly key: string
  readonly what: string
  readonly press: () => void
  /** Works while a field is being typed in, too. */
  readonly always?: boolean
}

export const keysShown = shallowRef(false)
const pageKeys = shallowRef<readonly Key[]>([])

const toPage = (key: string, page: PageName, what: string): Key => ({
  key,
  what,
  press: () => go({ page, ...(page === 'inspect' ? lastInspected.value : {}) }),
})
const EVERYWHERE: readonly Key[] = [
  toPage('1', 'sample', 'Sample'),
  toPage('2', 'library', 'Library'),
  toPage('3', 'inspect', 'Inspect'),
  toPage('4', 'models', 'Models'),
  { key: '?', what: 'This list', press: () => (keysShown.value = !keysShown.value) },
]

/** What a page listens to besides, from its setup until it is gone or another has its own. */
export function usePageKeys(keys: readonly Key[]): void {
  pageKeys.value = keys
  onUnmounted(() => {
    if (pageKeys.value === keys) pageKeys.value = []
  })
}

/** Starts listening. Called once. */
export function followKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || keysShown.value) return
    const found = [...pageKeys.value, ...EVERYWHERE].find(({ key }) => key === event.key)
    if (!found || (!found.always && isTaken(event))) return
    event.preventDefault()
    found.press()
  })
}

/** Whether the element in focus has its own use for the key. */
function isTaken({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.matches('input, select, textarea, [role=option], [contenteditable]')) return true
  return key === 'Enter' && target.matches('button, a, summary')
}

const GALLERY: readonly [string, string][] = [
  ['← → ↑ ↓', 'Move between images'],
  ['Home End', 'First, last image'],
  ['Enter', 'Inspect the image'],
]
const INSPECT: readonly [string, string][] = [
  ['← → ↑ ↓', 'Move between cells'],
  ['[ ]', 'Image before, after'],
  ['l', 'Next layer'],
  ['s', 'Show the same token'],
  ['o', 'Tokens over the pixels'],
  ['c', 'Colour-blind-safe colours'],
  ['Esc', 'No cell'],
]

/** All keys, for people. */
export const KEY_LIST: readonly { title: string; keys: readonly [string, string][] }[] = [
  { title: 'Everywhere', keys: EVERYWHERE.map(({ key, what }) => [key, what]) },
  {
    title: 'Sample',
    keys: [
      ['Enter', 'Start'],
      ['Esc', 'Cancel the run'],
    ],
  },
  { title: 'Images', keys: GALLERY },
  { title: 'Inspect', keys: INSPECT },
]
