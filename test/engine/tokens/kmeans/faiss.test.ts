// K-Means against faiss itself: the objectives it reached on formula data, and its permutations.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openAssigner } from '../../../../src/engine/runs/kmeans/assign.ts'
import {
  imbalance,
  meansOf,
  randomPermutation,
  splitEmptyClusters,
  startingPoints,
  trainingPoints,
} from '../../../../src/engine/tokens/kmeans/faiss.ts'
import { train, type Training, type TrainingPlan } from '../../../../src/engine/tokens/kmeans/train.ts'

interface Reference {
  readonly faiss_niter20_objective_sum_sq_by_seed: readonly number[]
}
const FAISS = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../fixtures/official-tiny/reference/kmeans.json'), 'utf8'),
) as Record<string, Reference>

/** u(n, h) of the fixtures: a hash of the counter, from -0.5 to 0.5. */
function u(n: number, h: number): Float64Array {
  const values = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let x = (i + h) >>> 0
    x ^= x >>> 16
    x = Math.imul(x, 0x21f0aaad) >>> 0
    x ^= x >>> 15
    x = Math.imul(x, 0x735a2d97) >>> 0
    x ^= x >>> 15
    values[i] = (x >>> 0) / 2 ** 32 - 0.5
  }
  return values
}

function clouds(n: number, d: number, centres: number): Float32Array {
  const [centre, spread] = [u(centres * d, 31), u(n * d, 77)]
  const points = new Float32Array(n * d)
  for (let i = 0; i < points.length; i++) {
    const k = (Math.floor(i / d) * 7919) % centres
    points[i] = centre[k * d + (i % d)]! * 8 + spread[i]! * 2
  }
  return points
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe.each([
  ['n20000_d32_centres100_K64', 20_000, 32, 100, 64],
  ['n60000_d64_centres300_K256', 60_000, 64, 300, 256],
])('%s', (name, n, D, centres, K) => {
  const data = clouds(n, D, centres)
  // Of the larger set, which takes seconds for each seed, the first.
  const reference = FAISS[name]!.faiss_niter20_objective_sum_sq_by_seed.slice(0, n > 20_000 ? 1 : undefined)
  const assigner = openAssigner(D, K, 'cpu')
  afterAll(async () => (await assigner).close())

  /** The reference took every point, also where faiss's default would have left some out. */
  const planOf = (seed: number, points = n): TrainingPlan => ({
    iterations: 20,
    restarts: 1,
    points,
    start: async (restart) => {
      const rows = startingPoints(points, K, seed, restart)
      return Float32Array.from({ length: K * D }, (_, i) => data[rows[Math.floor(i / D)]! * D + (i % D)]!)
    },
    async assign(centroids) {
      const { assign, batch } = await assigner
      const batches = async function* () {
        for (let from = 0; from < points; from += batch)
          yield data.subarray(from * D, Math.min(points, from + batch) * D)
      }
      return assign(batches(), centroids)
    },
    onIteration: async () => {},
  })

  it('reaches the objective of faiss for every seed', async () => {
    const ours: number[] = []
    for (const seed of reference.keys()) {
      const { restarts } = await train(planOf(seed))
      ours.push(restarts[0]!.at(-1)!.objective)
    }
    // Same start, same rules: what differs is the order of sums, in float32 there and float64 here.
    for (const [seed, objective] of ours.entries())
      expect(Math.abs(objective / reference[seed]! - 1)).toBeLessThan(1e-3)
    expect(Math.min(...ours)).toBeLessThanOrEqual(Math.min(...reference) * 1.01)
    expect(mean(ours)).toBeLessThanOrEqual(mean(reference) * 1.01)
  })

  it('stopped after any iteration, resumes to the same result', async () => {
    const plan = { ...planOf(1, 4000), iterations: 4, restarts: 2 }
    const kept: Training[] = []
    const whole = await train({ ...plan, onIteration: async (training) => void kept.push(training) })
    expect(kept.length).toBe(8)
    for (const at of [0, 3, 4, 7]) expect(await train(plan, kept[at])).toEqual(whole)
    const last = whole.restarts.map((iterations) => iterations.at(-1)!.objective)
    expect(last[whole.best!.restart]).toBe(Math.min(...last))
  })
})

describe('rules of faiss', () => {
  it('permutations match rand_perm', () => {
    // std::mt19937 with seeds 1234 and 5, `i2 = i + mt() % (n - i)`.
    expect([...randomPermutation(10, 1234)]).toEqual(PERMUTATION_1234)
    expect([...randomPermutation(7, 5)]).toEqual(PERMUTATION_5)
  })

  it('points above the cap are left out, and fewer points than clusters are refused', () => {
    expect([...trainingPoints(5, 2, 256, 0)]).toEqual([0, 1, 2, 3, 4])
    const drawn = trainingPoints(1000, 3, 10, 7)
    expect([drawn.length, new Set(drawn).size]).toEqual([30, 30])
    expect([...drawn]).toEqual([...randomPermutation(1000, 7).slice(0, 30)])
    expect(() => trainingPoints(3, 4, 256, 0)).toThrow('3 points for 4 clusters')
  })

  it('an empty cluster becomes a shifted half of a large one', () => {
    const centroids = Float32Array.of(1, 2, 0, 0, 5, 6)
    expect(splitEmptyClusters(centroids, [1, 0, 99], 100)).toBe(1)
    const e = 1 / 1024
    expect([...centroids]).toEqual(
      [1, 2, 5 * (1 + e), 6 * (1 - e), 5 * (1 - e), 6 * (1 + e)].map(Math.fround),
    )
  })

  it('means and the imbalance of sizes follow their formulas', () => {
    expect([...meansOf(Float64Array.of(2, 4, 0, 0), [2, 0])]).toEqual([1, 2, 0, 0])
    expect([imbalance([5, 5]), imbalance([10, 0])]).toEqual([1, 2])
  })
})

const PERMUTATION_1234 = [5, 4, 8, 2, 6, 9, 1, 7, 0, 3]
const PERMUTATION_5 = [1, 0, 4, 2, 6, 5, 3]
