// The parts of faiss's K-Means that determine its result: the points, the start, and the treatment of empty clusters.
// Source: faiss/Clustering.cpp (train, split_clusters) and faiss/utils/random.cpp (rand_perm) of faiss 1.7. N = points,
// K = clusters, D = width.
import { RequestError } from '../../../shared/errors.ts'
import { mersenneTwister } from '../../../shared/mersenne-twister.ts'

/** Seed of the draws of `split_clusters`, the same in every iteration. */
const SPLIT_SEED = 1234
/** Relative shift of the halves of a split cluster. */
const EPSILON = 1 / 1024
/** Added to the seed for each restart. */
const RESTART_STRIDE = 15_486_557

/** `rand_perm`: the numbers 0 to n - 1 shuffled. */
export function randomPermutation(n: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i)
  const next = mersenneTwister(seed)
  for (let i = 0; i + 1 < n; i++) {
    const j = i + (next() % (n - i))
    const held = order[i]!
    order[i] = order[j]!
    order[j] = held
  }
  return order
}

/**
 * The training points, at most `cap` per cluster: all in order, or as many drawn at random, in the order of drawing.
 * Throws RequestError if there are fewer points than clusters.
 */
export function trainingPoints(N: number, K: number, cap: number, seed: number): Int32Array {
  if (N < K)
    throw new RequestError(
      `K-Means needs at least as many points as clusters (found ${N} points for ${K} clusters)`,
    )
  return N > K * cap
    ? randomPermutation(N, seed).slice(0, K * cap)
    : Int32Array.from({ length: N }, (_, i) => i)
}

/** Indices into the training points of the K initial centroids, for a restart (from 0). */
export function startingPoints(points: number, K: number, seed: number, restart: number): Int32Array {
  return randomPermutation(points, seed + 1 + restart * RESTART_STRIDE).slice(0, K)
}

/** Sums [K, D] of the points of each cluster and their counts -> means; zero for a cluster without points. */
export function meansOf(sums: Float64Array, sizes: ArrayLike<number>): Float32Array {
  const D = sums.length / sizes.length
  const means = new Float32Array(sums.length)
  for (let k = 0; k < sizes.length; k++)
    if (sizes[k]! > 0) for (let i = k * D; i < (k + 1) * D; i++) means[i] = sums[i]! / sizes[k]!
  return means
}

/**
 * `split_clusters`: an empty cluster gets half of another one, chosen with a probability that grows with its size, and
 * both are shifted slightly apart. Changes centroids [K, D] in place and returns the number of empty clusters.
 */
export function splitEmptyClusters(
  centroids: Float32Array,
  sizes: ArrayLike<number>,
  points: number,
): number {
  const K = sizes.length
  const D = centroids.length / K
  // faiss counts in float32, where the halves of a split cluster need not be whole.
  const size = Float32Array.from(sizes)
  const next = mersenneTwister(SPLIT_SEED)
  let splits = 0
  for (let empty = 0; empty < K; empty++) {
    if (size[empty] !== 0) continue
    let full = 0
    for (; ; full = (full + 1) % K) {
      const probability = Math.fround((size[full]! - 1) / Math.fround(points - K))
      if (Math.fround(Math.fround(next()) / Math.fround(2 ** 32 - 1)) < probability) break
    }
    for (let i = 0; i < D; i++) {
      const value = centroids[full * D + i]!
      const apart = i % 2 === 0 ? EPSILON : -EPSILON
      centroids[empty * D + i] = value * (1 + apart)
      centroids[full * D + i] = value * (1 - apart)
    }
    size[empty] = size[full]! / 2
    size[full]! -= size[empty]!
    splits++
  }
  return splits
}

/** Unevenness of sizes: 1 if all are equal, K if one cluster has all points. `imbalance_factor` of faiss. */
export function imbalance(sizes: ArrayLike<number>): number {
  let [sum, squares] = [0, 0]
  for (let k = 0; k < sizes.length; k++) {
    sum += sizes[k]!
    squares += sizes[k]! ** 2
  }
  return sum === 0 ? 0 : (squares * sizes.length) / sum ** 2
}
