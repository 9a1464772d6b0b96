// The rule of verdicts by simulation: how often equal settings are called different, and whether a difference is found.
import { expect, test } from 'vitest'
import {
  featuresToStatistics,
  matrix,
  rowsInMemory,
  type Matrix,
} from '../../../../src/engine/metrics/index.ts'
import {
  judge,
  judgeReference,
  judgeSetting,
  resamplesFor,
} from '../../../../src/engine/runs/verdict/judge.ts'
import { mersenneTwister } from '../../../../src/shared/mersenne-twister.ts'
import { ERROR_RATE, nextLook } from '../../../../src/shared/verdict/looks.ts'
import type { Look } from '../../../../src/shared/verdict/verdict.ts'

const D = 5
const RESAMPLES = 60
const next = mersenneTwister(11)
const uniform = () => (next() + 0.5) / 2 ** 32
const gauss = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
const noise = (n: number) => Float64Array.from({ length: n * D }, gauss)

const real = rowsInMemory(
  Float32Array.from(noise(300), (value) => 1.3 * value + 0.5),
  D,
)
/** Images of one setting: half of their variance is that of the seeds, which settings share; the rest their own. */
const setting = (seeds: Float64Array, shift: number): Matrix =>
  matrix(
    seeds.length / D,
    D,
    seeds.map((seed) => Math.SQRT1_2 * (seed + gauss()) + shift),
  )

/** All looks at settings with these shifts, until one is decided. */
async function looksAt(shifts: readonly number[], budget: number, images = true): Promise<Look[]> {
  const reference = await judgeReference(await featuresToStatistics(real), images ? real : undefined, {})
  const seeds = noise(budget)
  const sets = shifts.map((shift) => setting(seeds, shift))
  const names = shifts.map((_, i) => `setting${i}`)
  const looks: Look[] = []
  for (let n = nextLook(0, budget); n !== undefined; n = nextLook(n, budget)) {
    const beaten = new Set(looks.at(-1)?.settings.flatMap(({ name, beatenBy }) => (beatenBy ? name : [])))
    const judged = []
    for (const [i, { data }] of sets.entries())
      if (!beaten.has(names[i]!)) {
        const features = matrix(n, D, data.slice(0, n * D))
        judged.push(await judgeSetting(names[i]!, features, reference, RESAMPLES, {}))
      }
    looks.push({ ...judge(judged, looks, names, 'fd', n), images: 0, seconds: 0, at: '' })
    if (looks.at(-1)!.settings.filter(({ beatenBy }) => !beatenBy).length === 1) break
  }
  return looks
}

const isDecided = (looks: readonly Look[]) => looks.at(-1)!.settings.some(({ beatenBy }) => beatenBy)

test('equal settings are called different in at most 5 % of 200 verdicts', async () => {
  const repeats = 200
  let wrong = 0
  for (let i = 0; i < repeats; i++) if (isDecided(await looksAt([0, 0], 256, false))) wrong++
  const noise = 2 * Math.sqrt((ERROR_RATE * (1 - ERROR_RATE)) / repeats)
  expect(wrong / repeats).toBeLessThanOrEqual(ERROR_RATE + noise)
})

test('a true difference is found, with more images where it is smaller', async () => {
  const large = await looksAt([0, 0.6], 1024)
  expect(large.map(({ n }) => n)).toEqual([64])
  // The reference lies above 0, so the shifted setting is nearer.
  const small = await looksAt([0, 0.15], 2048)
  expect(isDecided(small)).toBe(true)
  expect(small.length).toBeGreaterThan(1)
  const [{ fd, kid }] = small.at(-1)!.pairs as [Look['pairs'][number]]
  expect(small.at(-1)!.settings[0]!.beatenBy).toBe('setting1')
  expect(fd.low).toBeGreaterThan(0)
  expect(kid!.difference).toBeGreaterThan(0)
})

test('a beaten setting keeps its last distance and is not compared further', async () => {
  const looks = await looksAt([0, 0, -2], 128)
  expect(looks).toHaveLength(2)
  const [first, second] = looks as [Look, Look]
  expect(first.pairs).toHaveLength(3)
  expect(first.level).toBeCloseTo(0.05 / 2 / 3, 12)
  expect(second.pairs.map(({ a, b }) => [a, b])).toEqual([['setting0', 'setting1']])
  expect(second.level).toBeCloseTo(0.05 / 6 / 3, 12)
  expect(second.settings[2]).toEqual(first.settings[2])
})

test('resamples are fewer where each costs much', () => {
  expect([resamplesFor(64, 192), resamplesFor(512, 2048), resamplesFor(4096, 2048)]).toEqual([200, 200, 60])
})
