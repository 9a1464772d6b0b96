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

export interface LegendRow {
  readonly token: number
  readonly name: string
  /** Cells with this token. */
  readonly count: number
}

/** The named tokens of a grid by their first cell; -1, no token yet, is skipped. */
export function legendOf(
  tokens: ArrayLike<number>,
  names: ReadonlyMap<number, string>,
): readonly LegendRow[] {
  const counts = new Map<number, number>()
  for (const token of Array.from(tokens))
    if (names.has(token)) counts.set(token, (counts.get(token) ?? 0) + 1)
  return [...counts].map(([token, count]) => ({ token, name: names.get(token)!, count }))
}
