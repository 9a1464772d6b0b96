// What a result is called: by the network that was used, not by the protocol that was asked for.
import { expect, test } from 'vitest'
import { encoderName, isFdDinov2Encoder } from '../../../src/shared/evaluation/network-name.ts'
import { metricWords, resultName } from '../../../src/shared/figures/metric-words.ts'
import { StampSchema } from '../../../src/shared/evaluation/evaluation.ts'
import { knownErrors, resultError } from '../../../src/shared/evaluation/result-error.ts'
import { withError } from '../../../src/shared/evaluation/value-words.ts'

const sizes = { width: 1024, depth: 24, patch: 14, registers: 0 }
const dinov2 = (network: string) => ({ metric: 'dinov2', extractor: { file: 'e.pth', network } }) as const
const FD = 'frechet_dinov2_distance'
const KD = 'kernel_dinov2_distance_mean'

test.each([
  [sizes, 'DINOv2 ViT-L/14'],
  [{ ...sizes, registers: 4 }, 'DINOv2 ViT-L/14 reg'],
  [{ width: 768, depth: 12, patch: 14, registers: 4 }, 'DINOv2 ViT-B/14 reg'],
  [{ width: 192, depth: 6, patch: 4, registers: 0 }, '6-block ViT'],
  [{ ...sizes, patch: 16 }, '24-block ViT'],
])('an encoder is named by its sizes: %o', (found, name) => {
  expect(encoderName(found)).toBe(name)
  expect(isFdDinov2Encoder(found)).toBe(name === 'DINOv2 ViT-L/14')
})

test('only ViT-L/14 without registers gives FD-DINOv2 and KD-DINOv2', () => {
  expect([FD, KD].map((name) => metricWords(name, dinov2('DINOv2 ViT-L/14')))).toEqual([
    'FD-DINOv2',
    'KD-DINOv2',
  ])
  expect([FD, KD].map((name) => metricWords(name, dinov2('DINOv2 ViT-L/14 reg')))).toEqual([
    'FD (DINOv2 ViT-L/14 reg)',
    'KD (DINOv2 ViT-L/14 reg)',
  ])
  expect(metricWords(FD)).toBe('FD (encoder)')
})

test("precision and recall say their features, but ADM's, which are of Inception everywhere", () => {
  const inception = { file: 'w.pth', network: 'Inception-v3' }
  const of = (metric: 'adm' | 'torch-fidelity') => metricWords('precision', { metric, extractor: inception })
  expect([of('torch-fidelity'), of('adm')]).toEqual(['Precision (Inception)', 'Precision'])
  expect(metricWords('recall', dinov2('DINOv2 ViT-B/14 reg'))).toBe('Recall (DINOv2)')
  expect(metricWords('recall', dinov2('6-block ViT'))).toBe('Recall (encoder)')
})

test('records without a network are named by their file', () => {
  const of = (file: string) => metricWords(FD, { metric: 'dinov2', extractor: { file } })
  expect(of('dinov2_vitb14_reg4_pretrain.pth')).toBe('FD (DINOv2 ViT-B/14 reg)')
  expect(of('dinov2_vitl14_pretrain.pth')).toBe('FD-DINOv2')
  expect(of('mine.pth')).toBe('FD (encoder mine.pth)')
})

test('a kernel distance that an earlier record calls KID is KD unless its features are of Inception', () => {
  expect(resultName('kernel_inception_distance_mean', 'dinov2')).toBe(KD)
  expect(resultName('kernel_inception_distance_std', 'dinov2')).toBe('kernel_dinov2_distance_std')
  expect(resultName('kernel_inception_distance_mean', 'torch-fidelity')).toBe(
    'kernel_inception_distance_mean',
  )
  expect(resultName('precision', 'dinov2')).toBe('precision')
})

test('an error that was not computed is absent; of earlier records only the distance has one', () => {
  const early = StampSchema.parse({
    schema: 1,
    key: 'k',
    results: { [FD]: 83.1, precision: 0.5 },
    metric: 'dinov2',
    samples: { path: 's', n: 64, sha256: '', kind: 'images', crop: '' },
    reference: { path: 'r', n: 576, sha256: '', kind: 'images', crop: '' },
    extractor: { name: 'dinov2', file: 'e.pth', sha256: '', input: '', provider: 'cpu' },
    settings: {},
    badges: [],
    perClass: [{ class: 0, n: 10, frechet: 233, precision: 0.5 }],
    confidence: { error: 9.29, limit: 31.19, curve: [{ count: 64, distance: 83.1 }] },
    versions: {},
    total_time: 1,
    timestamp: 1,
  })
  expect(knownErrors(early)).toEqual({ [FD]: expect.objectContaining({ error: 9.29 }) })
  expect(resultError(early, 'precision')).toBeUndefined()
})

test('a number has the places that its error leaves', () => {
  expect(withError(59.7123, 2.345)).toEqual({ value: '59.7', error: '2.3' })
  expect(withError(0.0036344, 0.00025)).toEqual({ value: '0.00363', error: '0.00025' })
  expect(withError(1234.5, 78)).toEqual({ value: '1235', error: '78' })
  expect(withError(59.7123, undefined)).toEqual({ value: '59.71' })
  expect(withError(1, 0)).toEqual({ value: '1' })
})
