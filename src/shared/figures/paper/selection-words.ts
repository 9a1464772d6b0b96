// How the images of each panel were selected -> the sentence in caption and methods.
import { panelImages, panelsOf, type Figure } from '../figure.ts'
import { refKey } from '../image-ref.ts'
import { panelLetter } from '../layout.ts'
import type { Panel } from '../panels.ts'

/** `Selection: the first 16 images of the run, uncurated.` Undefined if nothing states it. */
export function selectionSentence(figure: Figure): string | undefined {
  if (figure.selection) return `Selection: ${figure.selection}.`
  const told = panelsOf(figure).flatMap((panel, i) =>
    panelImages(panel).length > 0 ? [[panelLetter(i), selectionWords(panel)] as const] : [],
  )
  const different = new Set(told.map(([, words]) => words))
  if (different.size === 0) return undefined
  if (different.size > 1)
    return `Selection: ${told.map(([letter, words]) => `${letter} ${words ?? 'not stated'}`).join('; ')}.`
  const [words] = different
  return words && `Selection: ${words}.`
}

/** The rule of a panel and what was changed since; undefined if it has none. */
export function selectionWords(panel: Panel): string | undefined {
  if (!('selection' in panel) || !panel.selection) return undefined
  const { rule, uncurated, images } = panel.selection
  const edits = editsBetween(images.map(refKey), panelImages(panel).map(refKey))
  const how = edits.length > 0 ? `, then by hand: ${edits.join(', ')}` : uncurated ? ', uncurated' : ''
  return `${rule}${how}${panel.kind === 'grid' && panel.crop ? '; cropped' : ''}`
}

function editsBetween(before: readonly string[], now: readonly string[]): string[] {
  const [removed, added] = [lackingIn(now, before), lackingIn(before, now)]
  return [
    ...(removed > 0 ? [`${removed} removed`] : []),
    ...(added > 0 ? [`${added} added`] : []),
    ...(orderOf(before, now) === orderOf(now, before) ? [] : ['order changed']),
  ]
}

/** The images of `keys` that `others` have, too, each once. */
function orderOf(keys: readonly string[], others: readonly string[]): string {
  const known = new Set(others)
  return [...new Set(keys)].filter((key) => known.has(key)).join('\n')
}

/** How many of `keys` are not in `others`, counted with repetitions. */
function lackingIn(others: readonly string[], keys: readonly string[]): number {
  const left = new Map<string, number>()
  for (const key of others) left.set(key, (left.get(key) ?? 0) + 1)
  return keys.filter((key) => {
    const count = left.get(key) ?? 0
    left.set(key, count - 1)
    return count <= 0
  }).length
}
