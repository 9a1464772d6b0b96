// Simulations of what the docs say about errors and floors: draws from known distributions, and how often a range holds.
import {
  featuresToStatistics,
  frechetDistance,
  precisionRecall,
  PROTOCOLS,
  rowsInMemory,
  type FeatureRows,
} from '../../src/engine/metrics/index.ts'
import { dividedReference } from '../../src/engine/runs/evaluation/floor.ts'
import { floorRange } from '../../src/shared/evaluation/floor.ts'
import { mersenneTwister } from '../../src/shared/mersenne-twister.ts'
import type { Row } from './table.ts'

interface Simulation {
  readonly name: string
  /** Of every draw. */
  readonly seed: number
  run(trials: number, normal: () => number): Promise<readonly Coverage[]>
}

/** How often a 95 % range held the value. */
interface Coverage {
  readonly of: string
  readonly share: number
}

const DIMENSIONS = 12
/** The kernel distance of 100 subsets would take most of the time. */
const PROTOCOL = { ...PROTOCOLS.dinov2, metrics: ['fid', 'prc'] } as const
/** Images of a distribution whose deviations differ, [n, 12]. */
const images = (n: number, normal: () => number): FeatureRows =>
  rowsInMemory(
    Float32Array.from({ length: n * DIMENSIONS }, (_, i) => normal() * (1 + (i % DIMENSIONS) / 4)),
    DIMENSIONS,
  )

/** n of m + n real images in the place of the samples; a perfect model's images are new draws of the distribution. */
const floor = (n: number, all: number): Simulation => ({
  name: `floor, n = ${n} of ${all} real images`,
  seed: 1,
  async run(trials, normal) {
    const names = ['frechet_dinov2_distance', 'precision', 'recall']
    const held = names.map(() => 0)
    for (let trial = 0; trial < trials; trial++) {
      const real = images(all, normal)
      const found = await dividedReference({ features: real }, n, PROTOCOL, { note: () => {} })
      const others = rowsInMemory(await real.read(0, found.m), DIMENSIONS)
      const perfect = images(n, normal)
      const { precision, recall } = await precisionRecall(perfect, others)
      const distance = await frechetDistance(
        await featuresToStatistics(perfect),
        await featuresToStatistics(others),
      )
      for (const [i, value] of [distance, precision, recall].entries()) {
        const [low, high] = floorRange(names[i]!, found.results[names[i]!]!)
        if (value >= low && value <= high) held[i]!++
      }
    }
    return names.map((of, i) => ({ of, share: held[i]! / trials }))
  },
})

const SIMULATIONS: readonly Simulation[] = [floor(50, 200), floor(100, 200), floor(40, 400)]

/** A nominal 95 % range should hold 90 to 99 % of the values. */
const [LEAST, MOST] = [0.9, 0.99]

export async function measureStatistics(trials: number): Promise<Row[]> {
  const rows: Row[] = []
  for (const { name, seed, run } of SIMULATIONS) {
    const covered = await run(trials, normalDraws(seed))
    rows.push({
      name: `${name}, ${trials} trials, seed ${seed}`,
      text: covered.map(({ of, share }) => `${of} ${(100 * share).toFixed(1)} %`).join(', '),
      numbers: Object.fromEntries(covered.map(({ of, share }) => [of, share])),
      aims: [
        {
          text: 'every range holds 90 to 99 %',
          holds: covered.every(({ share }) => share >= LEAST && share <= MOST),
        },
      ],
    })
  }
  return rows
}

/** Standard normal numbers by Box and Muller. */
function normalDraws(seed: number): () => number {
  const next = mersenneTwister(seed)
  const uniform = () => (next() >>> 0) / 2 ** 32
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}
