// Filters and comparison of an atlas's clusters, from the address: labels, another atlas, a lasso, a picture.
import { computed, shallowRef, type ComputedRef } from 'vue'
import type { AtlasComparison, AtlasContents } from '../../../shared/atlas/atlases.ts'
import { address, go, type Address } from '../app/address.ts'
import { comparisonOf } from './atlas.ts'
import { mapOf } from './atlas-maps.ts'
import { problemOf, valueOf } from '../app/asking.ts'
import type { Besides } from './cluster-table.ts'
import { foundIn } from './finding.ts'
import { showNext } from './atlases.ts'
import { labelsOf } from './labels.ts'
import { pointsInside, textToLasso, type Lasso } from './lasso.ts'

export interface ClusterListState {
  readonly besides: ComputedRef<Besides>
  readonly comparison: ComputedRef<AtlasComparison | undefined>
  readonly comparisonProblem: ComputedRef<string | undefined>
  readonly lasso: ComputedRef<Lasso | undefined>
  /** Clusters inside the lasso. */
  readonly chosen: ComputedRef<ReadonlySet<number> | undefined>
}

/** The last view of the cluster list, to return to. */
export const lastList = shallowRef<Address>({ page: 'clusters', query: {} })
export function keepList(): void {
  const { page, run, image } = address.value
  if (page === 'clusters' && image === undefined) lastList.value = address.value
  if (page === 'clusters' && run !== undefined) showNext(run)
}
/** The cluster list of this atlas, in its last view. */
export function goToList(atlas: string): void {
  go(lastList.value.run === atlas ? lastList.value : { page: 'clusters', run: atlas })
}

/** The atlas that this one is compared with. */
export const against = computed(() => address.value.query.against)
export const comparisonWith = (atlas: string) =>
  against.value === undefined ? undefined : comparisonOf(atlas, against.value)

export function clusterListState(atlas: () => string, contents: () => AtlasContents): ClusterListState {
  const compared = computed(() => comparisonWith(atlas()))
  const comparison = computed(() => valueOf(compared.value))
  const lasso = computed(() => textToLasso(address.value.query.lasso))
  const chosen = computed(() => {
    if (!lasso.value) return undefined
    const plane = lasso.value.map === 'pca' ? contents().table.pca : valueOf(mapOf(atlas()))?.plane
    return plane && pointsInside(plane, lasso.value)
  })
  const besides = computed((): Besides => {
    const found = foundIn(atlas())
    return {
      labels: new Map(labelsOf(atlas())?.labels.map((label) => [label.entry, label])),
      logRatio: comparison.value?.usage.logRatio,
      among: [...(chosen.value ? [chosen.value] : []), ...(found ? [new Set(found.tokens)] : [])],
    }
  })
  return { besides, comparison, comparisonProblem: computed(() => problemOf(compared.value)), lasso, chosen }
}
