// A finished K-Means training -> its report.
import { imbalance } from '../../tokens/kmeans/faiss.ts'
import type { Iteration, Training } from '../../tokens/kmeans/train.ts'

export interface KMeansReport {
  /** Objective (sum of squared distances), imbalance and splits by iteration, of each restart. */
  readonly restarts: readonly (readonly Iteration[])[]
  /** The restart whose centroids were kept. */
  readonly best: number
  /** Number of points found, and of points trained on. */
  readonly points: { readonly all: number; readonly trained: number }
  /** Sum of squared distances of the trained points to the final centroids. */
  readonly objective: number
  /** The objective per point: mean squared L2 distance of a feature to its centroid. */
  readonly quantisationError: number
  /** 1 when all clusters are equally large. */
  readonly imbalance: number
  /** Trained points of each cluster. */
  readonly sizes: readonly number[]
  /** Clusters without points. */
  readonly deadClusters: readonly number[]
}

export function kmeansReport(found: {
  readonly training: Training
  readonly best: number
  readonly sizes: Float64Array
  readonly objective: number
  readonly points: number
}): KMeansReport {
  const { training, best, objective, points } = found
  const sizes = Array.from(found.sizes)
  const trained = sizes.reduce((sum, size) => sum + size, 0)
  return {
    restarts: training.restarts,
    best,
    points: { all: points, trained },
    objective,
    quantisationError: objective / trained,
    imbalance: imbalance(sizes),
    sizes,
    deadClusters: sizes.flatMap((size, k) => (size === 0 ? [k] : [])),
  }
}

/** `km_8k.npy` for 8192 as in the release, `km_512.npy` below a thousand. */
export const codebookName = (k: number): string =>
  k < 1000 ? `km_${k}.npy` : `km_${Math.floor(k / 1000)}k.npy`
