// Runs made from an image: which ones, their purpose, and its description.
import { describe, expect, it } from 'vitest'
import { childrenOf } from '../../../../src/renderer/state/studio/children.ts'
import { changeWords, editWords, purposeOf } from '../../../../src/shared/run/made-from.ts'
import type { WorkspaceRun } from '../../../../src/shared/run/listed-run.ts'
import type { Change, SampleRequest } from '../../../../src/shared/run/run.ts'

const grid = Int32Array.from({ length: 256 }, (_, i) => i)
const whole = Array.from(grid)
const request = (fields: Partial<SampleRequest>): SampleRequest => ({
  device: 'cpu',
  batchSize: 1,
  weightBits: 32,
  stage2: 'ar',
  stage1Sampling: { temperature: 1, topK: 0, topP: 0 },
  stage2Sampling: { temperature: 1, topK: 0, topP: 0 },
  masked: { steps: 8, choiceTemperature: 4.5 },
  seed: 0,
  count: 4,
  classes: [],
  ...fields,
})
const some = (free: number) => whole.map((token) => (token < free ? -1 : token))

describe('the purpose of a run', () => {
  it.each([
    ['many-grids', { commonNoise: 'stage2' }],
    ['one-grid', { pinned: [{ discriminative: whole }] }],
    ['decoding', { pinned: [{ discriminative: whole }], count: 1 }],
    ['edit', { pinned: [{ discriminative: some(1) }] }],
    ['edit', { pinned: [{ discriminative: whole.map((token) => token + 1) }] }],
    ['edit', { pinned: [{ discriminative: whole, codes: some(3) }] }],
    ['edit', { pinned: [{ codes: whole }] }],
    ['edit', {}],
  ] satisfies [string, Partial<SampleRequest>][])('the purpose is %s', (purpose, fields) => {
    expect(purposeOf(request(fields), grid)).toBe(purpose)
  })
})

it.each([
  ['1 cell resampled, then codes by AR; 255 cells kept', { pinned: [{ discriminative: some(1) }] }],
  [
    '16 cells resampled, then codes by NAR; 240 cells and 240 codes kept',
    { stage2: 'nar', pinned: [{ discriminative: some(16), codes: some(16) }] },
  ],
  ['12 codes resampled by AR; 244 kept', { pinned: [{ discriminative: whole, codes: some(12) }] }],
  ['Decoded as edited', { pinned: [{ discriminative: whole, codes: whole }] }],
  ['Codes sampled by AR', { pinned: [{ discriminative: whole }] }],
  ['All resampled', {}],
] satisfies [string, Partial<SampleRequest>][])('%s', (words, fields) => {
  expect(editWords(request(fields))).toBe(words)
})

it('children are the runs made from the image', () => {
  const run = (id: string, fields?: Partial<SampleRequest>): WorkspaceRun => ({
    id,
    started: '',
    status: { state: 'queued' },
    finished: 0,
    ...(fields ? { request: request(fields) } : {}),
  })
  const runs = [
    run('a'),
    run('b', {}),
    run('c', { from: { run: 'x', image: 1 } }),
    run('d', { from: { run: 'x', image: 2 } }),
    run('e', { from: { run: 'x', image: 1 } }),
  ]
  expect(childrenOf(runs, 'x', 1).map(({ id }) => id)).toEqual(['c', 'e'])
})

describe('a change', () => {
  const change = (fields: Partial<Change>): Change => ({
    grid: 'discriminative',
    how: 'entry',
    cells: [3, 4],
    before: [34, 34],
    after: [87, 87],
    ...fields,
  })
  it.each<[Partial<Change>, string]>([
    [{}, 'cluster 34 → 87 in 2 cells'],
    [{ cells: [3], before: [34], after: [87] }, 'cluster 34 → 87 in cell 3'],
    [{ grid: 'codes', before: [34, 35] }, '2 codes → 87 in 2 cells'],
    [{ how: 'hand', after: [1, 2] }, 'cluster 34 → 2 others in 2 cells'],
    [{ how: 'surroundings', after: [1, 2] }, 'cluster 34 → its neighbors in 2 cells'],
    [{ how: 'copy', source: { run: 'a', image: 6 } }, '2 cells copied from image 6'],
  ])('%j is described as %s', (fields, words) => {
    expect(changeWords(change(fields))).toBe(words)
  })
  it('a changed token makes a run an intervention', () => {
    const pinned = [{ discriminative: whole }, { discriminative: some(0) }]
    expect(purposeOf(request({ pinned, commonNoise: 'stage2', count: 2, changes: [change({})] }), grid)).toBe(
      'intervention',
    )
  })
})
