// The points of a sweep as curves: one for each protocol and each combination of the values that are not across.
import { describe, expect, test } from 'vitest'
import {
  acrossChoices,
  curvesOf,
  curvesOfSweeps,
  curvesPanel,
  metricsOf,
} from '../../../src/shared/figures/curves.ts'
import type { HowMeasured } from '../../../src/shared/evaluation/how-measured.ts'
import { checkFigure } from '../../../src/shared/figures/figure.ts'
import { chartCsv, chartPgfplots } from '../../../src/shared/figures/paper/chart-data.ts'
import type { SweepPoint, WorkspaceSweep } from '../../../src/shared/sweep/sweeps.ts'

const FID = 'frechet_inception_distance'
const IS = 'inception_score_mean'
const HOW: HowMeasured = {
  metric: 'torch-fidelity',
  extractor: { file: 'w.pth', sha256: 'c'.repeat(64), input: 'uint8', network: 'Inception-v3' },
  samples: { path: 'run', n: 64, sha256: 'a'.repeat(64), kind: 'images', crop: 'as they are' },
  reference: { path: 'real', n: 576, sha256: 'b'.repeat(64), kind: 'images', crop: 'as they are' },
  settings: {},
  badges: [],
}
const point = (
  values: SweepPoint['values'],
  results: Record<string, number> | undefined,
  protocol = 'torch-fidelity, n = 64',
): SweepPoint => ({
  run: `sweep@${JSON.stringify(values)}`,
  values,
  images: 64,
  ...(results
    ? {
        measured: {
          ...HOW,
          results,
          protocol,
          n: 64,
          errors: { [FID]: { error: 0.5, method: 'jackknife' } },
        },
      }
    : {}),
})
const sweep = (
  axes: WorkspaceSweep['axes'],
  checkpoints: WorkspaceSweep['checkpoints'] = {},
): Pick<WorkspaceSweep, 'axes' | 'checkpoints'> => ({ axes, checkpoints })

describe('two axes', () => {
  const found = sweep([
    { name: 'temperature', values: [0.8, 0.9, 1] },
    { name: 'topk', values: [100, 200] },
  ])
  const points = [1, 0.8, 0.9].flatMap((temperature) =>
    [200, 100].map((topk) =>
      point({ temperature, topk }, { [FID]: temperature * topk, [IS]: 10 * temperature }),
    ),
  )

  test('there is one curve per value of the second axis, with points sorted along the first', () => {
    const curves = curvesOf(found, points, 'temperature', FID)
    expect(curves.map(({ label, points }) => [label, points.map(({ x, y }) => [x, y])])).toEqual([
      [
        'top-k 200',
        [
          [0.8, 160],
          [0.9, 180],
          [1, 200],
        ],
      ],
      [
        'top-k 100',
        [
          [0.8, 80],
          [0.9, 90],
          [1, 100],
        ],
      ],
    ])
    expect(curves[0]!.points[0]).toMatchObject({ run: points[2]!.run, error: 0.5 })
  })

  test('the points of a trade-off are ordered along the axis with the most values', () => {
    const [first] = curvesOf(found, points, IS, FID)
    expect(first!.points.map(({ x, y }) => [x, y])).toEqual([
      [8, 160],
      [9, 180],
      [10, 200],
    ])
  })

  test('either axis or a result can be the x axis', () => {
    expect(acrossChoices(found, points)).toEqual(['temperature', 'topk', FID, IS])
    expect(metricsOf(points)).toEqual([FID, IS])
  })

  test('points that are not measured are left out', () => {
    expect(curvesOf(found, [point({ temperature: 1, topk: 100 }, undefined)], 'temperature', FID)).toEqual([])
  })
})

test('points of different protocols get separate curves, labeled with the protocol', () => {
  const found = sweep([{ name: 'temperature', values: [0.8, 0.9] }])
  const points = [
    point({ temperature: 0.8 }, { [FID]: 1 }, 'adm, n = 64'),
    point({ temperature: 0.9 }, { [FID]: 2 }, 'adm, n = 128'),
  ]
  const curves = curvesOf(found, points, 'temperature', FID)
  expect(curves.map(({ label, points }) => [label, points.length])).toEqual([
    ['n = 64', 1],
    ['n = 128', 1],
  ])
})

test('curves of several sweeps have the names of the sweeps; sweeps of other checkpoints are left out if checkpoints are on the x axis', () => {
  const cold = sweep([{ name: 'temperature', values: [0.8, 0.9] }])
  const points = [0.8, 0.9].map((temperature) => point({ temperature }, { [FID]: temperature }))
  const other = [point({ temperature: 0.8 }, { [FID]: 9 }, 'adm, n = 64')]
  const sources = [
    { name: 'AR', sweep: cold, points },
    { name: 'NAR', sweep: cold, points: other },
  ]
  expect(
    curvesOfSweeps(sources, 'temperature', FID).map(({ label, points }) => [label, points.length]),
  ).toEqual([
    ['AR · torch-fidelity', 2],
    ['NAR · adm', 1],
  ])
  const alike = sources.map((source) => ({ ...source, points }))
  expect(curvesOfSweeps(alike, 'temperature', FID).map(({ label }) => label)).toEqual(['AR', 'NAR'])
  const checkpoints = ['a', 'b'].map((key) => ({
    name: key,
    sweep: sweep([{ name: 'checkpoint', values: [key] }], { [key]: { name: key, epoch: 3 } }),
    points: [point({ checkpoint: key }, { [FID]: 1 })],
  }))
  expect(curvesOfSweeps(checkpoints, 'checkpoint', FID)).toHaveLength(1)
  expect(curvesOfSweeps(checkpoints, 'epoch', FID).map(({ label }) => label)).toEqual(['a', 'b'])
})

describe('checkpoints', () => {
  const found = sweep([{ name: 'checkpoint', values: ['b', 'a', 'c'] }], {
    a: { name: 'x/checkpoint1.pt', epoch: 1, updates: 100 },
    b: { name: 'x/checkpoint2.pt', epoch: 2, updates: 200 },
    c: { name: 'x/other.pt' },
  })
  const points = ['a', 'b', 'c'].map((checkpoint, i) => point({ checkpoint }, { [FID]: i }))

  test('are placed at their epochs or updates if their files contain them, otherwise in order', () => {
    const xs = (across: string) => curvesOf(found, points, across, FID)[0]!.points.map(({ x, y }) => [x, y])
    expect(xs('epoch')).toEqual([
      [1, 0],
      [2, 1],
    ])
    expect(xs('updates')).toEqual([
      [100, 0],
      [200, 1],
    ])
    expect(xs('checkpoint')).toEqual([
      [0, 1],
      [1, 0],
      [2, 2],
    ])
    expect(acrossChoices(found, points).slice(0, 3)).toEqual(['epoch', 'updates', 'checkpoint'])
  })
})

test('a figure panel contains the same curves, of the first protocol only, with error bars and a CSV table', () => {
  const found = sweep([{ name: 'temperature', values: [0.8, 0.9] }])
  const points = [0.8, 0.9].map((temperature) => point({ temperature }, { [FID]: temperature }))
  const other = point({ temperature: 0.8 }, { [FID]: 9 }, 'adm, n = 64')
  const panel = curvesPanel(curvesOf(found, [...points, other], 'temperature', FID), 'temperature', FID, [
    { label: 'DiGIT 219M', y: 9.13 },
  ])
  expect(panel.series.map(({ protocol }) => protocol)).toEqual(['torch-fidelity, n = 64'])
  expect(chartCsv(panel).split('\r\n').slice(0, 2)).toEqual([
    'series,Temperature,FID,standard error,protocol',
    'torch-fidelity,0.8,0.8,0.5,"torch-fidelity, n = 64"',
  ])
  expect(panel.series[0]!.errors).toEqual([0.5, 0.5])
  expect(chartPgfplots(panel)).toContain('(0.8,0.8) +- (0,0.5)')
  expect(checkFigure({ schema: 1, rows: [[panel]] }, 'curve').rows[0]).toEqual([panel])
})
