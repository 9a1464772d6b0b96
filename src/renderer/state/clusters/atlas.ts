// Contents of atlases: tables, clusters, nearest examples and pictures, requested on first use, then cached.
import type { AtlasEntry, Example } from '../../../shared/atlas/atlas.ts'
import {
  MAX_EXAMPLE_ENTRIES,
  type AtlasComparison,
  type AtlasContents,
} from '../../../shared/atlas/atlases.ts'
import { asking, type Asked } from '../app/asking.ts'
import { calls } from '../app/calls.ts'

/** Number of examples per cluster in cluster lists. */
const NEAREST = 4
const PICTURES_AT_ONCE = 6

/** `ATLAS/7` -> its parts. */
const split = (key: string): [string, number] => {
  const at = key.lastIndexOf('/')
  return [key.slice(0, at), Number(key.slice(at + 1))]
}

const tables = asking(4, (key) => calls().readAtlas(key.slice(0, -1)))
const comparisons = asking(4, (key) => {
  const [id = '', other = ''] = key.split('/')
  return calls().readComparison(id, other)
})
const clusters = asking(64, (key) => calls().readCluster(...split(key)))

/** Entries requested at the same time are batched into one call. */
const gathered = new Map<string, Map<number, ((examples: Promise<readonly Example[]>) => void)[]>>()
const nearest = asking(20_000, (key) => {
  const [id, entry] = split(key)
  if (gathered.size === 0) setTimeout(askGathered)
  const entries = gathered.get(id) ?? new Map<number, never[]>()
  gathered.set(id, entries)
  return new Promise<readonly Example[]>((resolve) =>
    entries.set(entry, [...(entries.get(entry) ?? []), resolve]),
  )
})
function askGathered(): void {
  for (const [id, waiting] of gathered) {
    const all = [...waiting]
    for (let from = 0; from < all.length; from += MAX_EXAMPLE_ENTRIES) {
      const part = all.slice(from, from + MAX_EXAMPLE_ENTRIES)
      const entries = part.map(([entry]) => entry)
      const answer = calls().readExamples(id, entries, NEAREST)
      part.forEach(([, resolves], i) => resolves.forEach((resolve) => resolve(answer.then((all) => all[i]!))))
    }
  }
  gathered.clear()
}

let reading = 0
const turns: (() => void)[] = []
const pictures = asking(
  1000,
  async (key) => {
    if (reading >= PICTURES_AT_ONCE) await new Promise<void>((go) => turns.push(go))
    reading++
    try {
      const png = await calls().readAtlasPicture(...split(key))
      return URL.createObjectURL(new Blob([Uint8Array.from(png)], { type: 'image/png' }))
    } finally {
      reading--
      turns.shift()?.()
    }
  },
  (url) => URL.revokeObjectURL(url),
)

/** The table of an atlas. */
export const contentsOf = (id: string): Asked<AtlasContents> => tables.of(`${id}/`)
/** Usage of an atlas (real) compared with another (generated). */
export const comparisonOf = (id: string, other: string): Asked<AtlasComparison> =>
  comparisons.of(`${id}/${other}`)
export const clusterOf = (id: string, entry: number): Asked<AtlasEntry> => clusters.of(`${id}/${entry}`)
/** The nearest cells of a cluster, at most four. */
export const nearestOf = (id: string, entry: number): Asked<readonly Example[]> =>
  nearest.of(`${id}/${entry}`)
/** Object URL of a picture of the atlas. */
export const atlasPictureOf = (id: string, image: number): Asked<string> => pictures.of(`${id}/${image}`)

/** Call when an atlas was rebuilt. */
export function forgetAtlas(id: string): void {
  for (const kept of [tables, clusters, nearest, pictures]) kept.forget(`${id}/`)
  comparisons.forget('')
}

/** After a reconnect: requests that failed may have failed with the old connection. */
export function retryAtlas(): void {
  for (const kept of [tables, comparisons, clusters, nearest, pictures]) kept.retry()
}
