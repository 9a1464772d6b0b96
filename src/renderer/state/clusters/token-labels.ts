// The labels of the codebooks in use, and those of a picture in the order in which its tokens appear.
import { computed, type ComputedRef } from 'vue'
import type { ClusterLabel } from '../../../shared/atlas/cluster-labels.ts'
import { GRID_NAMES, type GridName } from '../../../shared/grid/layout.ts'
import { asking, valueOf } from '../app/asking.ts'
import { calls } from '../app/calls.ts'
import { isOfCodebook } from '../images/token-colours.ts'
import { fileOf } from '../models/models-in-use.ts'
import { atlasInUse } from './atlases.ts'
import { labelsOf } from './labels.ts'

const found = asking(8, (key) =>
  calls().readCodebookLabels(GRID_NAMES.find((grid) => key.startsWith(`${grid}/`))!),
)
export const retryTokenLabels = (): void => found.forget('')

/** Labels can be edited in an atlas only; without one, they are those that came with the codebook. */
function labelsInUse(grid: GridName): readonly ClusterLabel[] {
  const atlas = atlasInUse(grid)
  if (atlas) return labelsOf(atlas.id)?.labels ?? []
  const codebook = fileOf(grid === 'codes' ? 'vqgan' : 'codebook')?.sha256
  return codebook === undefined ? [] : (valueOf(found.of(`${grid}/${codebook}`)) ?? [])
}

const byToken: Readonly<Record<GridName, ComputedRef<ReadonlyMap<number, string>>>> = {
  discriminative: computed(() => named(labelsInUse('discriminative'))),
  codes: computed(() => named(labelsInUse('codes'))),
}
const named = (labels: readonly ClusterLabel[]) =>
  new Map(labels.flatMap(({ entry, label }) => (label === '' ? [] : [[entry, label] as const])))

const NONE: ReadonlyMap<number, string> = new Map()
/** The names of tokens: none for a run made with another codebook. */
export const tokenNames = (grid: GridName, run?: string): ReadonlyMap<number, string> =>
  isOfCodebook(grid, run) ? byToken[grid].value : NONE

/** All tokens with the name of this one; it alone if it has none. */
export function namesakes(token: number, grid: GridName, run?: string): ReadonlySet<number> {
  const names = tokenNames(grid, run)
  const name = names.get(token)
  const same = [...names].flatMap(([other, its]) => (its === name ? other : []))
  return new Set(name === undefined ? [token] : same)
}

export interface LegendRow {
  /** The most frequent token with this name. */
  readonly token: number
  readonly name: string
  /** Cells with this name, and the different tokens in them. */
  readonly count: number
  readonly tokens: number
}

/** The names in a grid by their first cell; -1, no token yet, is skipped. */
export function legendOf(
  tokens: ArrayLike<number>,
  names: ReadonlyMap<number, string>,
): readonly LegendRow[] {
  const byName = new Map<string, Map<number, number>>()
  for (const token of Array.from(tokens)) {
    const name = names.get(token)
    if (name === undefined) continue
    const counts = byName.get(name) ?? new Map<number, number>()
    byName.set(name, counts.set(token, (counts.get(token) ?? 0) + 1))
  }
  return [...byName].map(([name, counts]) => {
    const [[token]] = [...counts].sort(([, a], [, b]) => b - a) as [[number, number]]
    return { token, name, count: [...counts.values()].reduce((sum, n) => sum + n, 0), tokens: counts.size }
  })
}
