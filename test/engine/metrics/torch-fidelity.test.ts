// Every metric against torch-fidelity's and scipy's numbers on the same features: relative errors of at most 1e-6.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  featuresToStatistics,
  frechetDistance,
  inceptionScore,
  kernelDistance,
  precisionRecall,
  randomState,
  rowsInMemory,
} from '../../../src/engine/metrics/index.ts'
import { formulaFeatures, X, Y } from './formula.ts'

const reference = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/metrics/torch-fidelity.json'), 'utf8'),
)
const DIM = 64
const x = rowsInMemory(formulaFeatures(500, DIM, X), DIM)
const y = rowsInMemory(formulaFeatures(500, DIM, Y), DIM)
const logits = rowsInMemory(
  formulaFeatures(500, DIM, X).map((value) => value * 6),
  DIM,
)

const relative = (found: number, expected: number) => Math.abs(found - expected) / Math.abs(expected)

test('FID of 64 dimensions matches', async () => {
  const found = await frechetDistance(await featuresToStatistics(x), await featuresToStatistics(y))
  expect(relative(found, reference.fid_d64)).toBeLessThan(1e-6)
})

test("NumPy's legacy permutation and choice match", () => {
  const first = (numbers: Int32Array) => Array.from(numbers.slice(0, 10))
  expect(first(randomState(2020).permutation(500))).toEqual(
    reference.numpy_randomstate2020_permutation500_first10,
  )
  expect(first(randomState(2020).choice(500, 200))).toEqual(
    reference.numpy_randomstate2020_choice500_200_first10,
  )
})

test('KID over 100 subsets of 200 matches', async () => {
  const { mean, std } = await kernelDistance(x, y, { subsets: 100, size: 200, seed: 2020 })
  const expected = reference.kid_subsets100_size200_seed2020_poly3_d64
  expect(relative(mean, expected.kernel_inception_distance_mean)).toBeLessThan(1e-6)
  expect(relative(std, expected.kernel_inception_distance_std)).toBeLessThan(1e-6)
})

test('KID of the whole sets matches', async () => {
  const { mean, std } = await kernelDistance(x, y, { subsets: 1, size: 500, seed: 1 })
  expect(relative(mean, reference.kid_full_unbiased_poly3_d64.kernel_inception_distance_mean)).toBeLessThan(
    1e-6,
  )
  expect(std).toBe(0)
})

test('IS over shuffled splits matches', async () => {
  const { mean, std } = await inceptionScore(logits, { parts: 10, shuffleSeed: 2020 })
  const expected = reference.isc_logits6x_d64_splits10_shuffle_seed2020
  expect(relative(mean, expected.inception_score_mean)).toBeLessThan(1e-6)
  expect(relative(std, expected.inception_score_std)).toBeLessThan(1e-6)
})

test('IS over splits in order matches, by number and by size of splits', async () => {
  const expected = reference.isc_logits6x_d64_splits10_sequential
  for (const splits of [{ parts: 10 }, { size: 50 }]) {
    const { mean, std } = await inceptionScore(logits, splits)
    expect(relative(mean, expected.inception_score_mean)).toBeLessThan(1e-6)
    expect(relative(std, expected.inception_score_std)).toBeLessThan(1e-6)
  }
})

test('precision and recall with k = 3 match', async () => {
  const expected = reference.prc_k3_d64_torchfidelity
  const swapped = await precisionRecall(y, x)
  const straight = await precisionRecall(x, y)
  // torch-fidelity's first input holds the samples. Its shares are float32: 1e-6 is their rounding.
  const { precision, recall, fScore } = straight
  expect([relative(precision, expected.precision), relative(recall, expected.recall)]).toEqual([
    expect.closeTo(0, 6),
    expect.closeTo(0, 6),
  ])
  expect(relative(fScore, expected.f_score)).toBeLessThan(1e-6)
  expect([swapped.precision, swapped.recall]).toEqual([recall, precision])
})
