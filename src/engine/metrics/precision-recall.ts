// Samples and real images -> precision and recall of Kynkaanniemi et al. 2019: which images are within the other
// manifold. The manifold of a set is the union of balls around its images; the radius is the distance to the k-th
// neighbour.
import type { FeatureRows } from './features.ts'
import type { Work } from './matrix.ts'
import { forDistances, nearestNeighbours } from './neighbours.ts'

/** k in the paper, in torch-fidelity and in ADM. */
export const NEIGHBOURHOOD = 3

export interface PrecisionRecall {
  /** Share of the samples within the manifold of the real images. */
  readonly precision: number
  /** Share of the real images within the manifold of the samples. */
  readonly recall: number
  /** Harmonic mean of both. */
  readonly fScore: number
  /** [samples] 1 if the sample is within the real manifold. */
  readonly within: Uint8Array
}

/** Throws RangeError if a set has fewer than k + 1 images. */
export async function precisionRecall(
  samples: FeatureRows,
  real: FeatureRows,
  work: Work = {},
  k = NEIGHBOURHOOD,
): Promise<PrecisionRecall> {
  const realRadii = await radii(real, k, work)
  const sampleRadii = await radii(samples, k, work)
  const within = new Uint8Array(samples.count)
  const covered = new Uint8Array(real.count)
  await forDistances(samples, real, work, ({ rows, columns, data }, row, column) => {
    for (let i = 0, at = 0; i < rows; i++)
      for (let j = 0; j < columns; j++, at++) {
        if (data[at]! <= realRadii[column + j]!) within[row + i] = 1
        if (data[at]! <= sampleRadii[row + i]!) covered[column + j] = 1
      }
  })
  const precision = share(within)
  const recall = share(covered)
  const sum = precision + recall
  return { precision, recall, fScore: sum > 0 ? (2 * precision * recall) / sum : 0, within }
}

/** Squared distance of every image to its k-th neighbour. */
async function radii(set: FeatureRows, k: number, work: Work): Promise<Float64Array> {
  const { distance } = await nearestNeighbours(set, set, k, { ...work, self: true })
  return Float64Array.from({ length: set.count }, (_, i) => distance[(i + 1) * k - 1]!)
}

const share = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0) / flags.length
