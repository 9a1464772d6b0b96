// Samples, training images and held-out images -> whether samples are copies: C_T and AuthPct.
// C_T: Meehan, Chaudhuri, Dasgupta 2020, "A non-parametric test to detect data-copying"; casey-meehan/data-copying.
// AuthPct: Alaa et al. 2022, "How faithful is your synthetic data?"; marcojira/fls, dgm-eval metrics/authpct.py.
import { gatherRows, ranges, readMatrix, rowsInMemory, type FeatureRows } from './features.ts'
import type { Work } from './matrix.ts'
import { nearestNeighbours } from './neighbours.ts'
import { randomState } from './random-state.ts'

/** Cells of a partition of the training images, as in dgm-eval. */
export const COPYING_CELLS = 3
/** A cell with fewer samples is left out, as in dgm-eval. */
export const LEAST_IN_A_CELL = 20
const KMEANS_STEPS = 50
const KMEANS_SEED = 0

export interface CopyingTest {
  /** Below 0: samples are closer to training images than held-out images are. About normal with deviation 1 per cell. */
  readonly score: number
  /** Cells that had enough samples, and held-out and training images. */
  readonly cells: number
}

/**
 * C_T over cells of the training images by K-Means: in each cell, the Mann-Whitney U of the distances to the nearest
 * training image of that cell, as a z-score; their mean, weighted by the share of held-out images. Undefined if no cell
 * has enough images.
 */
export async function dataCopying(
  samples: FeatureRows,
  heldOut: FeatureRows,
  training: FeatureRows,
  work: Work = {},
): Promise<CopyingTest | undefined> {
  const centers = await cellCenters(training, Math.min(COPYING_CELLS, training.count), work)
  const [own, held, trained] = [
    await cellsOf(samples, centers, work),
    await cellsOf(heldOut, centers, work),
    await cellsOf(training, centers, work),
  ]
  let [sum, weight, cells] = [0, 0, 0]
  for (let cell = 0; cell < centers.count; cell++) {
    const rows = (set: FeatureRows, of: Int32Array) => rowsOfCell(set, of, cell)
    const [q, p, t] = [await rows(samples, own), await rows(heldOut, held), await rows(training, trained)]
    // The original counts cells with a share above 20 / m.
    if (q.count <= LEAST_IN_A_CELL || p.count === 0 || t.count === 0) continue
    const distances = async (set: FeatureRows) => (await nearestNeighbours(set, t, 1, work)).distance
    sum += p.count * rankScore(await distances(q), await distances(p))
    weight += p.count
    cells++
  }
  return cells === 0 ? undefined : { score: sum / weight, cells }
}

/**
 * Mann-Whitney U of `a` against `b` as a z-score under equal distributions, with the original's correction for continuity;
 * ties count half. Below 0 where the values of `a` are smaller.
 */
export function rankScore(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [m, n] = [a.length, b.length]
  const sorted = Float64Array.from(b).sort()
  let u = 0
  for (let i = 0; i < m; i++) u += (below(sorted, a[i]!, false) + below(sorted, a[i]!, true)) / 2
  return (u - ((n * m) / 2 - 0.5)) / Math.sqrt((n * m * (n + m + 1)) / 12)
}

/** How many of the sorted values are below `value`, or `orEqual`. */
function below(sorted: Float64Array, value: number, orEqual: boolean): number {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (sorted[middle]! < value || (orEqual && sorted[middle] === value)) from = middle + 1
    else to = middle
  }
  return from
}

/**
 * AuthPct: percentage of samples that are farther from their nearest training image than that image is from its own nearest
 * training image. Throws RangeError for fewer than 2 training images.
 */
export async function authenticity(
  samples: FeatureRows,
  training: FeatureRows,
  work: Work = {},
): Promise<number> {
  const apart = await nearestNeighbours(training, training, 1, { ...work, self: true })
  const nearest = await nearestNeighbours(samples, training, 1, work)
  let authentic = 0
  for (let i = 0; i < samples.count; i++)
    if (apart.distance[nearest.index[i]!]! < nearest.distance[i]!) authentic++
  return (100 * authentic) / samples.count
}

/** Lloyd's iterations from random images; a cell that becomes empty keeps its center. */
async function cellCenters(set: FeatureRows, cells: number, work: Work): Promise<FeatureRows> {
  const { width } = set
  const start = await gatherRows(set, randomState(KMEANS_SEED).choice(set.count, cells))
  let centers = Float32Array.from(start.data)
  let before: Int32Array | undefined
  for (let step = 0; step < KMEANS_STEPS; step++) {
    const of = await cellsOf(set, rowsInMemory(centers, width), work)
    if (before && of.every((cell, i) => cell === before![i])) break
    before = of
    const sums = new Float64Array(cells * width)
    const counts = new Float64Array(cells)
    for (const [from, to] of ranges(set.count)) {
      const { data } = await readMatrix(set, from, to)
      for (let i = from; i < to; i++) {
        const cell = of[i]!
        counts[cell]!++
        for (let d = 0; d < width; d++) sums[cell * width + d]! += data[(i - from) * width + d]!
      }
    }
    centers = centers.map((value, at) => {
      const count = counts[Math.floor(at / width)]!
      return count > 0 ? sums[at]! / count : value
    })
  }
  return rowsInMemory(centers, width)
}

const cellsOf = async (set: FeatureRows, centers: FeatureRows, work: Work): Promise<Int32Array> =>
  (await nearestNeighbours(set, centers, 1, work)).index

async function rowsOfCell(set: FeatureRows, cells: Int32Array, cell: number): Promise<FeatureRows> {
  const numbers = [...cells.keys()].filter((i) => cells[i] === cell)
  return rowsInMemory(Float32Array.from((await gatherRows(set, numbers)).data), set.width)
}
