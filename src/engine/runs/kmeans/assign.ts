// Points in batches -> sums, sizes and objective of their clusters: the expensive part of K-Means, on one device.
import { RequestError } from '../../../shared/errors.ts'
import { graphToOnnx } from '../../graph/index.ts'
import { assignment } from '../../models/assignment.ts'
import { openSession, tensor, type Provider } from '../../session/index.ts'
import type { Assignment } from '../../tokens/kmeans/train.ts'

/** Bytes of scores computed at once: few enough for the cache, enough for a fast matrix product. */
const SCORE_BYTES = 2 ** 25

export interface Assigner {
  /** Points in one batch. It depends only on the number of clusters, so that equal data gives equal sums. */
  readonly batch: number
  /** Assigns the points [n, D] of one pass, n at most `batch`, to the nearest of `centroids` [K, D], and sums them. */
  assign(batches: AsyncIterable<Float32Array>, centroids: Float32Array): Promise<Assignment>
  close(): Promise<void>
}

export async function openAssigner(D: number, K: number, provider: Provider): Promise<Assigner> {
  const session = await openSession(graphToOnnx(assignment(D)), { provider })
  return {
    batch: Math.max(256, Math.floor(SCORE_BYTES / 4 / K)),
    async assign(batches, centroids) {
      const feeds = {
        centroids: tensor('f32', centroids, [K, D]),
        squares: tensor('f32', squaredLengths(centroids, D), [K]),
      }
      const sums = new Float64Array(K * D)
      const sizes = new Float64Array(K)
      let objective = 0
      for await (const points of batches) {
        const outputs = await session.run({ ...feeds, points: tensor('f32', points, [points.length / D, D]) })
        const index = outputs.index!.data as Int32Array
        const distance = outputs.distance!.data as Float32Array
        for (let i = 0; i < index.length; i++) {
          const k = index[i]!
          objective += distance[i]!
          sizes[k]! += 1
          addRow(sums, k * D, points, i * D, D)
        }
      }
      if (!Number.isFinite(objective))
        throw new RequestError(
          `K-Means: the sum of squared distances is not finite (found ${objective}); the features are too large`,
        )
      return { sums, sizes, objective }
    },
    close: () => session.close(),
  }
}

function squaredLengths(rows: Float32Array, D: number): Float32Array {
  return Float32Array.from({ length: rows.length / D }, (_, row) => {
    let sum = 0
    for (let i = row * D; i < (row + 1) * D; i++) sum += rows[i]! ** 2
    return sum
  })
}

function addRow(sums: Float64Array, to: number, points: Float32Array, from: number, D: number): void {
  for (let i = 0; i < D; i++) sums[to + i]! += points[from + i]!
}
