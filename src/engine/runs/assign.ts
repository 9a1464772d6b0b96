// Points in batches -> sums, sizes and objective of their clusters: the heavy part of K-Means, on one device.
import { graphToOnnx } from '../graph/index.ts'
import { assignment } from '../models/assignment.ts'
import { openSession, tensor, type Provider } from '../session/index.ts'
import type { Assignment } from '../tokens/kmeans/train.ts'

/** Bytes of scores at once: enough for a matrix product to run at full speed. */
const SCORE_BYTES = 2 ** 27

export interface Assigned {
  /** Cluster of each point. */
  readonly index: Int32Array
  /** Squared distance of each point to its centroid. */
  readonly distance: Float32Array
}

export interface Assigner {
  /** Points in one batch. It depends on the number of clusters alone, so that equal data gives equal sums. */
  readonly batch: number
  /** The nearest of `centroids` [K, D] to each of the points [n, D], n at most `batch`. */
  nearest(points: Float32Array, centroids: Float32Array): Promise<Assigned>
  /** Sums up a whole pass. */
  assign(batches: AsyncIterable<Float32Array>, centroids: Float32Array): Promise<Assignment>
  close(): Promise<void>
}

export async function openAssigner(D: number, K: number, provider: Provider): Promise<Assigner> {
  const session = await openSession(graphToOnnx(assignment(D)), { provider })
  const batch = Math.max(256, Math.floor(SCORE_BYTES / 4 / K))
  const nearest = async (points: Float32Array, centroids: Float32Array): Promise<Assigned> => {
    const { index, distance } = await session.run({
      points: tensor('f32', points, [points.length / D, D]),
      centroids: tensor('f32', centroids, [K, D]),
    })
    return { index: index!.data as Int32Array, distance: distance!.data as Float32Array }
  }
  return {
    batch,
    nearest,
    async assign(batches, centroids) {
      const sums = new Float64Array(K * D)
      const sizes = new Float64Array(K)
      let objective = 0
      for await (const points of batches) {
        const { index, distance } = await nearest(points, centroids)
        for (let i = 0; i < index.length; i++) {
          const k = index[i]!
          objective += distance[i]!
          sizes[k]! += 1
          addRow(sums, k * D, points, i * D, D)
        }
      }
      return { sums, sizes, objective }
    },
    close: () => session.close(),
  }
}

function addRow(sums: Float64Array, to: number, points: Float32Array, from: number, D: number): void {
  for (let i = 0; i < D; i++) sums[to + i]! += points[from + i]!
}
