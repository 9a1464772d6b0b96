// The methods text and the works of measured values.
import { describe, expect, test } from 'vitest'
import {
  drawnTogether,
  resultsMeasured,
  type SeriesMeasured,
} from '../../../../src/shared/evaluation/how-measured.ts'
import type { Stamp } from '../../../../src/shared/evaluation/evaluation.ts'
import { stampLatex } from '../../../../src/shared/evaluation/stamp-latex.ts'
import { checkFigure } from '../../../../src/shared/figures/figure.ts'
import { measuredParagraphs } from '../../../../src/shared/figures/paper/measured-words.ts'
import { paperFiles } from '../../../../src/shared/figures/paper/paper.ts'
import { stampMethods } from '../../../../src/shared/figures/paper/stamp-methods.ts'

const JACKKNIFE = 'delete-a-group jackknife over the samples, 10 groups, reference fixed'
const stamp: Stamp = {
  schema: 1,
  key: 'k',
  results: { frechet_dinov2_distance: 82.4321, precision: 0.8906, kernel_dinov2_distance_mean: 0.5 },
  errors: {
    frechet_dinov2_distance: { error: 4.567, low: 72.1, high: 92.8, method: JACKKNIFE },
    precision: {
      error: 0.039,
      low: 0.79,
      high: 0.945,
      method: 'binomial over the samples (Wilson interval)',
    },
  },
  metric: 'dinov2',
  samples: { path: '/w/runs/a', n: 64, sha256: 'a'.repeat(64), kind: 'images', crop: 'as they are' },
  reference: {
    path: '/w/real',
    n: 576,
    sha256: 'b'.repeat(64),
    kind: 'images',
    crop: 'Resize(32), CenterCrop(32)',
  },
  extractor: {
    name: 'dinov2',
    file: 'dinov2_vitb14_reg4_pretrain.pth',
    sha256: 'c'.repeat(64),
    input: 'uint8, 224',
    provider: 'cpu',
    network: 'DINOv2 ViT-B/14 reg',
  },
  settings: { kid_subsets: 100, kid_subset_size: 64, kid_seed: 2020, prc_neighborhood: 3 },
  badges: ["features of the tokenizer's own encoder"],
  versions: {},
  total_time: 1,
  timestamp: 1,
}
const measured = resultsMeasured(stamp)

test('a methods paragraph names metric, works, sets, features, errors and caveats', () => {
  const [text, ...others] = measuredParagraphs(measured)
  expect(others).toEqual([])
  expect(text).toBe(
    [
      'FD (DINOv2 ViT-B/14 reg) is the Fréchet distance between Gaussians fitted to the class tokens of the last block [heusel2017gans; oquab2024dinov2; darcet2024vision; stein2023exposing; efron1993introduction].',
      'Precision (DINOv2) is the share of samples within the manifold of the real images, k = 3 [kynkaanniemi2019improved; oquab2024dinov2; darcet2024vision; stein2023exposing; wilson1927probable].',
      'KD (DINOv2 ViT-B/14 reg) is the unbiased squared maximum mean discrepancy of the class tokens of the last block, cubic kernel, the mean over 100 random subsets of 64 images (seed 2020) [binkowski2018demystifying; oquab2024dinov2; darcet2024vision; stein2023exposing].',
      'They compare n = 64 samples (as they are) with m = 576 reference images of real (sha256 bbbbbbbbbbbb; Resize(32), CenterCrop(32)).',
      'Features are from DINOv2 ViT-B/14 reg (dinov2_vitb14_reg4_pretrain.pth, sha256 cccccccccccc; input uint8, 224).',
      `Errors of FD (DINOv2 ViT-B/14 reg) are 1 standard error: ${JACKKNIFE}.`,
      'Errors of Precision (DINOv2) are 1 standard error: binomial over the samples (Wilson interval).',
      "Features of the tokenizer's own encoder.",
    ].join(' '),
  )
})

test('a methods paragraph says how samples were drawn, at temperature 1 too, and K of their tokens', () => {
  const draw = (temperature: number) => ({
    seed: 3,
    stage1: { kind: 'stage1', sha256: 'd'.repeat(64), sampling: { temperature: 1, topK: 200, topP: 0 } },
    stage2: { kind: 'stage2-ar', sha256: 'e'.repeat(64), sampling: { temperature, topK: 0, topP: 0.8 } },
  })
  const settings = { ...stamp.settings, discriminative_codebook: 8192, vqgan_codebook: 1024 }
  const at = (temperature: number): Stamp => ({ ...stamp, settings, recipe: draw(temperature) })
  const words = (temperature: string) =>
    `stage 1 with top-k 200 at temperature 1, stage 2 autoregressive with top-p 0.8 at temperature ${temperature}, seed 3`
  expect(stampMethods(at(1))).toContain(
    `Samples are drawn by ${words('1')}. Codebooks: K = 8,192 discriminative tokens, K = 1,024 VQGAN codes.`,
  )
  // The points of one curve.
  const ways = [0.8, 0.9, 1].flatMap((temperature) => resultsMeasured(at(temperature))[0] ?? [])
  expect(drawnTogether(ways)).toEqual({ drawn: words('0.8/0.9/1') })
  expect(drawnTogether(resultsMeasured(stamp))).toEqual({})
})

test('a caveat about a metric is left out where none of its results is shown', () => {
  const badges = ['KD uses subsets of 64 images', 'n = 64: few', 'precision and recall depend on the numbers']
  const [distance, ...others] = resultsMeasured({ ...stamp, badges })
  const [text] = measuredParagraphs([distance!])
  expect(text).toMatch(/With n = 64: few\.$/)
  expect(text).not.toMatch(/KD uses|Precision and recall/)
  expect(measuredParagraphs([distance!, ...others])[0]).toMatch(/KD uses .* Precision and recall depend/)
})

test('every work that a text names has an entry, and no other', () => {
  const text = stampMethods(stamp)
  const named = new Set([...text.matchAll(/\[([\w; ]+)\]/g)].flatMap(([, keys]) => keys!.split('; ')))
  const entries = [...text.matchAll(/^@\w+\{(\w+),$/gm)].map(([, key]) => key!)
  expect(new Set(entries)).toEqual(named)
  expect(entries).toHaveLength(named.size)
})

test.each<[SeriesMeasured['metric'], string, readonly string[]]>([
  [
    'torch-fidelity',
    'frechet_inception_distance',
    ['heusel2017gans', 'szegedy2016rethinking', 'obukhov2020torchfidelity'],
  ],
  [
    'adm',
    'spatial_frechet_inception_distance',
    ['heusel2017gans', 'nash2021generating', 'szegedy2016rethinking', 'dhariwal2021diffusion'],
  ],
  [
    'torch-fidelity',
    'inception_score_mean',
    ['salimans2016improved', 'szegedy2016rethinking', 'obukhov2020torchfidelity'],
  ],
])('works of %s, %s', (metric, result, keys) => {
  const [text] = measuredParagraphs([
    {
      ...measured[0]!,
      metric,
      result,
      error: '',
      extractor: { ...measured[0]!.extractor, network: 'Inception-v3' },
    },
  ])
  expect(text).toContain(`[${keys.join('; ')}]`)
})

describe('a figure with measured values', () => {
  const how = measured[0]!
  const chart = (fields: object) => ({
    kind: 'chart',
    title: 'Temperature',
    x: { label: 'Temperature' },
    y: { label: 'FD' },
    series: [
      {
        label: 'a',
        points: [
          [0.9, 80],
          [1, 82],
        ],
        errors: [4.5, 0],
        protocol: 'dinov2, n = 64',
        ...fields,
      },
    ],
  })
  const files = (panel: object) => paperFiles(checkFigure({ schema: 1, rows: [[panel]] }, 'f.json'), 'f')

  test('says in caption and text what the bars are, and cites the metric in all files', () => {
    const found = files(chart({ how }))
    expect(found.get('.tex')).toContain(`bars: 1 standard error, ${JACKKNIFE}`)
    expect(found.get('.tex')).toMatch(/\\cite\{heusel2017gans,.*efron1993introduction\}/)
    expect(found.get('.txt')).toContain('n = 64 samples')
    expect(found.get('.txt')).not.toContain('Values: ')
    expect(found.get('.bib')).toContain('@inproceedings{heusel2017gans,')
    expect(found.get('.bib')).not.toContain('Values typed')
  })

  test('leaves errors that were not computed out of every file', () => {
    const found = files(chart({ how }))
    expect(found.get('.pgfplots.tex')).toContain('(0.9,80) +- (0,4.5) (1,82)};')
    expect(found.get('.csv')).toContain('a,1,82,,"dinov2, n = 64"')
  })

  test('keeps the words of a protocol without a record', () => {
    expect(files(chart({})).get('.txt')).toContain('Values: dinov2, n = 64.')
    const table = { kind: 'table', columns: [{ label: 'FD' }], rows: [['82.4 ± 4.6']] }
    expect(files(table).get('.bib')).toContain('Values typed')
    expect(files({ ...table, how: measured }).get('.txt')).toContain('m = 576 reference images')
  })
})

test('a LaTeX row has each number with its error, to the place that the error leaves', () => {
  const [head, row, , errors] = stampLatex(stamp, 'ours').split('\n')
  expect(head).toBe('% Method & n & FD (DINOv2 ViT-B/14 reg) & KD (DINOv2 ViT-B/14 reg) & Precision (DINOv2)')
  expect(row).toBe('ours & 64 & $82.4 \\pm 4.6$ & 0.5 & $0.891 \\pm 0.039$ \\\\')
  expect(errors).toContain(`± 1 standard error; FD (DINOv2 ViT-B/14 reg): ${JACKKNIFE}`)
})
