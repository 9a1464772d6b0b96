// Nearest neighbours of codebook entries -> a position for each in the plane, by UMAP. Source: McInnes, Healy and
// Melville, "UMAP: Uniform Manifold Approximation and Projection", 2018; package umap-js.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { UMAP } from 'umap-js'
import { mersenneTwister } from '../../shared/mersenne-twister.ts'

export interface MapOptions {
  readonly seed: number
  /** Stops at the next epoch; the call then rejects with the signal's reason. */
  readonly signal: AbortSignal
  /** Called after every epoch. */
  readonly onEpoch: (epoch: number, of: number) => void
}

/**
 * Yields to other work between epochs; the setup before the first epoch takes seconds for thousands of entries.
 * @param neighbours [K, count], nearest first, without the entry itself, padded with -1
 * @param distances [K, count], L2, not squared
 * @returns [K, 2]
 */
export async function umapPlane(
  K: number,
  neighbours: Int32Array,
  distances: Float32Array,
  { seed, signal, onEpoch }: MapOptions,
): Promise<Float32Array> {
  const count = neighbours.length / K
  const next = mersenneTwister(seed)
  const umap = new UMAP({ nComponents: 2, nNeighbors: count + 1, random: () => next() / 2 ** 32 })
  const rows = Array.from({ length: K }, (_, k) => k)
  // The package counts an entry among its own neighbours.
  umap.setPrecomputedKNN(
    rows.map((k) => [k, ...neighbours.subarray(k * count, (k + 1) * count)]),
    rows.map((k) => [0, ...distances.subarray(k * count, (k + 1) * count)]),
  )
  const epochs = umap.initializeFit(rows.map((k) => [k]))
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step()
    onEpoch(epoch + 1, epochs)
    await nextTurn()
    signal.throwIfAborted()
  }
  return Float32Array.from(umap.getEmbedding().flat())
}
