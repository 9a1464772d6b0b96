// What a number is marked with, and how its stamp reads.
import { expect, test } from 'vitest'
import { PROTOCOLS } from '../../../../src/engine/metrics/index.ts'
import { badgesOf } from '../../../../src/engine/runs/evaluation/badges.ts'
import type { Stamp } from '../../../../src/shared/evaluation/evaluation.ts'
import { stampText } from '../../../../src/shared/evaluation/stamp-text.ts'

const sorted = Array.from({ length: 50_000 }, (_, i) => Math.floor(i / 50))
const adm = { protocol: PROTOCOLS.adm, n: 50_000, width: 2048, classes: sorted, notes: [] }

test('50,000 shuffled, balanced samples have no badges', () => {
  const turned = sorted.map((_, i) => i % 1000)
  expect(badgesOf({ ...adm, classes: turned })).toEqual([])
  expect(badgesOf({ ...adm, classes: undefined })).toEqual([])
})

test('samples sorted by class get a badge only if splits are consecutive', () => {
  expect(badgesOf(adm)).toEqual([
    'samples are sorted by class, but this protocol uses consecutive splits: shuffle them first',
  ])
  expect(badgesOf({ ...adm, protocol: PROTOCOLS['torch-fidelity'] })).toEqual([])
})

test('too few and unbalanced samples get badges, next to the given notes', () => {
  const found = badgesOf({
    protocol: PROTOCOLS.dinov2,
    n: 3,
    width: 192,
    classes: [0, 0, 1],
    notes: ['2 of 3 images are JPEG'],
  })
  expect(found).toEqual([
    'n = 3: published values use 50,000 samples',
    'n = 3 samples for 192 dimensions: the covariance is rank-deficient',
    'unbalanced classes: 1 to 2 samples each',
    '2 of 3 images are JPEG',
  ])
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
  expect(stampText(stamp)).toBe(`frechet_inception_distance  4.123457
class 7                     n 10  precision 0.5
protocol                    adm
samples                     /s, 10 images, sha256 aaaaaaaaaaaa, as they are
reference                   /r.npz, sha256 bbbbbbbbbbbb, not told by the file
extractor                   inception, w.pth, sha256 cccccccccccc, cpu
input                       uint8
settings                    prc_neighborhood 3
versions                    digit 1
note                        n = 10`)
})
