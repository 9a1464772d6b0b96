// What a number is marked with, and how its stamp reads.
import { expect, test } from 'vitest'
import { PROTOCOLS } from '../../../../src/engine/metrics/index.ts'
import { badgesOf, type Circumstances } from '../../../../src/engine/runs/evaluation/badges.ts'
import type { Stamp } from '../../../../src/shared/evaluation/evaluation.ts'
import { stampText } from '../../../../src/shared/evaluation/stamp-text.ts'

const sorted = Array.from({ length: 50_000 }, (_, i) => Math.floor(i / 50))
const adm: Circumstances = {
  protocol: PROTOCOLS.adm,
  n: 50_000,
  reference: { n: 10_000, rank: 2048, isSamples: false },
  width: 2048,
  isTokenizer: false,
  classes: sorted,
  notes: [],
}

test('50,000 shuffled, balanced samples have no badges', () => {
  const turned = sorted.map((_, i) => i % 1000)
  expect(badgesOf({ ...adm, classes: turned })).toEqual([])
  expect(badgesOf({ ...adm, classes: undefined })).toEqual([])
  const matched = { samples: turned, reference: turned.slice(0, 10_000) }
  expect(badgesOf({ ...adm, classes: turned, matched })).toEqual([])
})

test('samples sorted by class get a badge only if splits are consecutive', () => {
  const words = 'samples are sorted by class, but this protocol uses consecutive splits: shuffle them first'
  expect(badgesOf(adm)).toEqual([words])
  expect(badgesOf({ ...adm, protocol: PROTOCOLS['torch-fidelity'] })).not.toContain(words)
})

test('too few and unbalanced samples get badges, next to the given notes', () => {
  const found = badgesOf({
    protocol: PROTOCOLS.dinov2,
    n: 3,
    reference: { n: 576, rank: 192, isSamples: false },
    width: 192,
    isTokenizer: true,
    classes: [0, 0, 1],
    matched: { samples: [0, 0, 1], reference: [0, 1, 2, 2] },
    notes: ['2 of 3 images are JPEG'],
  })
  expect(found).toEqual([
    'n = 3: published values use 50,000 samples',
    'n = 3 samples for 192 dimensions: the covariance is rank-deficient',
    'precision and recall depend on the numbers of images: 3 samples, 576 real',
    "features of the tokenizer's own encoder",
    'unbalanced classes: 1 to 2 samples each',
    '2 of 4 real images are of classes that the samples do not have',
    '2 of 3 images are JPEG',
  ])
})

test('a reference that is small, or the samples themselves, gets badges', () => {
  expect(badgesOf({ ...adm, classes: undefined, reference: { n: 20, rank: 19, isSamples: true } })).toEqual([
    'samples and reference are the same images',
    "the reference's covariance is rank-deficient: rank 19 in 2048 dimensions, 20 images",
    'precision and recall depend on the numbers of images: 50000 samples, 20 real',
  ])
  const statistics = badgesOf({ ...adm, classes: undefined, reference: { rank: 700, isSamples: false } })
  expect(statistics).toEqual(["the reference's covariance is rank-deficient: rank 700 in 2048 dimensions"])
})

test('an Inception Score of few images a split gets a badge with its bound', () => {
  const few = {
    ...adm,
    classes: undefined,
    n: 64,
    width: 32,
    reference: { n: 10_000, rank: 32, isSamples: false },
  }
  expect(badgesOf({ ...few, protocol: PROTOCOLS['torch-fidelity'] })).toContain(
    'Inception Score: 6 images in a split, so it cannot exceed 6 (published: 5,000)',
  )
  expect(badgesOf(few)).toContain(
    'Inception Score: 64 images in a split, so it cannot exceed 64 (published: 5,000)',
  )
})

test("torch-fidelity's precision and recall are marked as those of Inception features, ADM's are not", () => {
  const words = 'precision and recall: of Inception features; torch-fidelity uses VGG-16 fc2_relu'
  expect(badgesOf({ ...adm, protocol: PROTOCOLS['torch-fidelity'] })).toContain(words)
  expect(badgesOf(adm)).not.toContain(words)
})

test('a stamp is written as text', () => {
  const stamp: Stamp = {
    schema: 1,
    key: 'k',
    results: { frechet_inception_distance: 4.123456789 },
    metric: 'adm',
    samples: { path: '/s', n: 10, sha256: 'a'.repeat(64), kind: 'images', crop: 'as they are' },
    reference: { path: '/r.npz', sha256: 'b'.repeat(64), kind: 'statistics', crop: 'not told by the file' },
    extractor: { name: 'inception', file: 'w.pth', sha256: 'c'.repeat(64), input: 'uint8', provider: 'cpu' },
    settings: { prc_neighborhood: 3 },
    badges: ['n = 10'],
    perClass: [{ class: 7, n: 10, precision: 0.5 }],
    versions: { digit: '1' },
    total_time: 1,
    timestamp: 2,
  }
  expect(stampText(stamp)).toBe(`frechet_inception_distance  4.123457  (FID)
class 7                     n 10  within the real images of all classes 0.5
protocol                    adm
samples                     /s, 10 images, sha256 aaaaaaaaaaaa, as they are
reference                   /r.npz, sha256 bbbbbbbbbbbb, not told by the file
extractor                   inception, w.pth, sha256 cccccccccccc, cpu
input                       uint8
settings                    prc_neighborhood 3
versions                    digit 1
note                        n = 10`)
})
