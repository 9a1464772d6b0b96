// All entries -> one number each, for sorting the table of clusters and colouring the map.
import type { AtlasTable, ClassLift } from '../../../shared/atlas/atlas.ts'
import { classesOf, entropy, liftsOf, positionsOf } from './entry.ts'
import type { Members } from './members.ts'

export type EntryColumns = Omit<AtlasTable, 'pca' | 'umap'>

/**
 * @param images with each entry, [K]
 * @param classes of each image, -1 if it has none
 * @param classImages images of each class; empty without classes
 */
export function membersToTable(
  { grid, starts, cells, distances }: Members,
  images: Uint32Array,
  classes: Int32Array,
  classImages: ArrayLike<number>,
): EntryColumns {
  const K = starts.length - 1
  const columns = {
    cells: new Uint32Array(K),
    images,
    distance: new Float32Array(K).fill(NaN),
    classEntropy: new Float32Array(K).fill(NaN),
    topClass: new Int32Array(K).fill(-1),
    topClassLift: new Float32Array(K).fill(NaN),
    positionEntropy: new Float32Array(K),
  }
  for (let k = 0; k < K; k++) {
    const own = cells.subarray(starts[k]!, starts[k + 1]!)
    columns.cells[k] = own.length
    columns.positionEntropy[k] = entropy(positionsOf({ grid, cells: own }))
    if (own.length === 0) continue
    if (distances) columns.distance[k] = mean(distances.subarray(starts[k]!, starts[k + 1]!))
    if (classImages.length === 0) continue
    const found = classesOf({ grid, cells: own }, classes, classImages.length)
    const total = found.reduce((sum, count) => sum + count, 0)
    if (total === 0) continue
    columns.classEntropy[k] = entropy(found)
    const top = topClass(liftsOf({ grid, cells: own }, classes, classImages))
    columns.topClass[k] = top?.class ?? -1
    columns.topClassLift[k] = top?.lift ?? NaN
  }
  return columns
}

/** The class of highest lift among those whose interval excludes 1; the first of equals. */
const topClass = (lifts: readonly ClassLift[]): ClassLift | undefined =>
  lifts
    .filter(({ low }) => low > 1)
    .reduce<ClassLift | undefined>((top, row) => (row.lift > (top?.lift ?? 0) ? row : top), undefined)

/** Images of each class up to the largest; empty if no image has a class. */
export function imagesPerClass(classes: Int32Array): Uint32Array {
  const counts = new Uint32Array(classes.reduce((most, label) => Math.max(most, label), -1) + 1)
  for (const label of classes) if (label >= 0) counts[label]!++
  return counts
}

/** exp of the entropy of usage. */
export const perplexity = (cells: ArrayLike<number>): number => Math.exp(entropy(cells))

function mean(values: Float32Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}
