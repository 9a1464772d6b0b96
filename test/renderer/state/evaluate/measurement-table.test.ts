import { beforeEach, expect, it } from 'vitest'
import {
  metricColumns,
  resultWords,
  rowsOf,
  tableQueryOf,
} from '../../../../src/renderer/state/evaluate/measurement-table.ts'
import { imageSets } from '../../../../src/renderer/state/evaluate/measurements.ts'
import type { Stamp } from '../../../../src/shared/evaluation/evaluation.ts'
import { stampLatex } from '../../../../src/shared/evaluation/stamp-latex.ts'
import type { Measurement } from '../../../../src/shared/evaluation/measurements.ts'

const row = (id: string, results: Stamp['results'], timestamp: number, n?: number): Measurement => ({
  id,
  samples: { kind: 'set', set: id },
  reference: { kind: 'demo' },
  stamp: {
    schema: 1,
    key: id,
    results,
    metric: 'frechet_dinov2_distance' in results ? 'dinov2' : 'adm',
    samples: { path: `folder ${id}`, sha256: 'a', kind: 'images', crop: 'as they are', ...(n ? { n } : {}) },
    reference: { path: 'images', n: 576, sha256: 'b'.repeat(64), kind: 'images', crop: 'as they are' },
    extractor: { name: 'dinov2', file: 'e.pth', sha256: 'c'.repeat(64), input: 'uint8', provider: 'cpu' },
    settings: {},
    badges: [],
    versions: {},
    total_time: 1,
    timestamp,
  },
})
const ALL = [
  row('1', { frechet_dinov2_distance: 30, precision: 0.5 }, 300, 64),
  row('2', { frechet_inception_distance: 9, inception_score_mean: 70 }, 100, 1000),
  row('3', { frechet_dinov2_distance: 20, precision: 0.75 }, 200, 128),
]
const ids = (query: Record<string, string>) => rowsOf(ALL, tableQueryOf(query)).map(({ id }) => id)
beforeEach(() => {
  imageSets.value = []
})

it('the table starts with the newest; the first click sorts the best first, rows without a value last', () => {
  expect(ids({})).toEqual(['1', '3', '2'])
  expect(ids({ sort: 'frechet_dinov2_distance' })).toEqual(['3', '1', '2'])
  expect(ids({ sort: 'frechet_dinov2_distance', order: 'down' })).toEqual(['1', '3', '2'])
  expect(ids({ sort: 'precision' })).toEqual(['3', '1', '2'])
  expect(ids({ sort: 'n' })).toEqual(['2', '3', '1'])
  expect(ids({ sort: 'samples' })).toEqual(['1', '2', '3'])
})

it('the table is searched by sets and protocol', () => {
  expect(ids({ q: 'ADM' })).toEqual(['2'])
  expect(ids({ q: 'folder 3' })).toEqual(['3'])
  expect(ids({ q: 'demo' })).toHaveLength(3)
  expect(ids({ q: 'nothing' })).toEqual([])
})

it('the table has a column per measured metric, main ones first', () => {
  expect(metricColumns(ALL)).toEqual([
    'frechet_inception_distance',
    'frechet_dinov2_distance',
    'inception_score_mean',
    'precision',
  ])
})

it('numbers have a readable number of digits', () => {
  expect([4.265, 141.29, 0.03125, -0.0012, undefined].map(resultWords)).toEqual([
    '4.26',
    '141.3',
    '0.0313',
    '−0.0012',
    '–',
  ])
})

it('a LaTeX row carries its protocol as a comment', () => {
  const [head, cells, protocol] = stampLatex(ALL[0]!.stamp, 'run_1 & more').split('\n')
  expect(head).toBe('% Method & n & FD (encoder e.pth) & Precision (encoder)')
  expect(cells).toBe('run\\_1 \\& more & 64 & 30 & 0.5 \\\\')
  expect(protocol).toBe(
    '% dinov2; against images (sha256 bbbbbbbbbbbb, 576 images, as they are); dinov2 sha256 cccccccccccc',
  )
})
