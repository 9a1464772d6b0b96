// Where runs and images come from: chains, trees, and the words for what was changed.
import { describe, expect, it } from 'vitest'
import {
  chainOf,
  madeBeside,
  madeFrom,
  treeOf,
  type LineageFacts,
  type RunFacts,
} from '../../../src/shared/run/lineage.ts'
import { branchCell, handWords } from '../../../src/shared/run/made-from.ts'
import type { SampleRequest } from '../../../src/shared/run/run.ts'

const grid = Array.from({ length: 256 }, (_, i) => i)
const request = (fields: Partial<SampleRequest> = {}): SampleRequest => ({
  device: 'cpu',
  batchSize: 1,
  weightBits: 32,
  stage2: 'ar',
  stage1Sampling: { temperature: 1, topK: 300, topP: 0 },
  stage2Sampling: { temperature: 1, topK: 0, topP: 0.8 },
  masked: { steps: 8, choiceTemperature: 4.5 },
  seed: 3,
  count: 4,
  classes: [2, 0],
  ...fields,
})
const from = (run: string, image: number) => ({ from: { run, image } })
const branch = { discriminative: grid.map((token) => (token < 201 ? (token === 40 ? 5 : token) : -1)) }
const change = {
  grid: 'discriminative',
  how: 'hand',
  cells: [70, 71],
  before: [105, 105],
  after: [9, 9],
} as const
const changes = [
  { ...change, cells: [...change.cells], before: [...change.before], after: [...change.after] },
]

const RUNS: readonly RunFacts[] = [
  { id: 'root', request: request() },
  { id: 'branch', request: request({ ...from('root', 1), seed: 8, pinned: [branch] }) },
  { id: 'twice', request: request({ ...from('branch', 2), seed: 8, pinned: [{}, {}], changes, count: 2 }) },
  {
    id: 'decoded',
    request: request({ ...from('root', 1), pinned: [{ discriminative: grid }], count: 1, stage2: 'nar' }),
  },
  { id: 'grids', request: request({ ...from('root', 1), commonNoise: 'stage2', count: 6 }) },
  {
    id: 'edit',
    request: request({
      ...from('root', 0),
      pinned: [{ discriminative: grid.map((t) => (t === 7 ? -1 : t)) }],
    }),
  },
  {
    id: 'sweep@temperature0.9',
    request: request({ stage1Sampling: { temperature: 0.9, topK: 300, topP: 0 } }),
  },
  { id: 'lost', request: request(from('gone', 5)) },
  { id: 'self', request: request(from('self', 0)) },
  {
    id: 'pictures',
    reconstruct: { ...request(), device: 'cpu', drift: true },
    pictures: ['cat.png', 'dog.png'],
  },
]
const facts: LineageFacts = {
  runs: new Map(RUNS.map((run) => [run.id, run])),
  sweeps: new Map([['sweep', request()]]),
  measurements: [{ id: 'aaaa', run: 'root', name: 'FID 12.3 (torch-fidelity, n = 4)' }],
  figures: [{ id: 'fig', images: [{ run: 'twice', image: 1 }] }],
  grid: (run, image) => (run === 'root' && image === 1 ? grid : undefined),
  className: (_, index) => ['cat', 'fox', 'eel'][index]!,
  label: (_, entry) => ({ 5: 'eye', 9: 'fur' })[entry],
}
const words = (nodes: readonly { kind: string; name: string }[]) =>
  nodes.map(({ kind, name }) => `${kind}: ${name}`)

describe('a chain', () => {
  it('of an edit of an edit leads to the first run, and says what each step changed', () => {
    const chain = chainOf(facts, { run: 'twice', image: 1 })
    expect(words(chain)).toEqual([
      'run: 2 classes · AR · seed 3',
      'image: image 1 · cat',
      "branch: cell 40 (row 2, column 8): 40 → 'eye', resampled from cell 201 on, seed 8",
      'image: image 2 · eel',
      "intervention: cluster 105 → 'fur' in 2 cells",
      'image: image 1 · cat',
    ])
    expect(chain.slice(1).map(({ parent }) => parent)).toEqual(chain.slice(0, -1).map(({ id }) => id))
  })

  it.each([
    ['decoded', ['decoding: its grid decoded by NAR, stage 2 NAR, stage 2 top-p 0.8']],
    ['grids', ['variance: 6 other grids, the same random numbers in stage 2']],
    ['edit', ['edit: 1 cell resampled, then codes by AR; 255 cells kept']],
  ])('ends with what %s is', (run, last) => {
    expect(words(chainOf(facts, { run })).slice(-1)).toEqual(last)
  })

  it('of a cell of a sweep begins with the sweep, and names the settings of the cell', () => {
    expect(words(chainOf(facts, { run: 'sweep@temperature0.9', image: 0 }))).toEqual([
      'sweep: sweep',
      'run: T 0.9',
      'image: image 0 · eel',
    ])
  })

  it('of a reconstruction begins with its picture', () => {
    expect(words(chainOf(facts, { run: 'pictures', image: 1 }))[0]).toBe('picture: dog.png')
  })

  it('ends where a run is no longer in the workspace', () => {
    expect(words(chainOf(facts, { run: 'lost' }))).toEqual([
      'missing: gone',
      'image: image 5',
      expect.stringMatching(/^edit: /),
    ])
  })

  it('of a run that names itself is finite', () => {
    expect(chainOf(facts, { run: 'self', image: 1 })).toHaveLength(2)
    expect(treeOf(facts, { run: 'self' }).length).toBeLessThan(5)
  })
})

it('children are runs made from the image, measurements of the run, and figures that show it', () => {
  const ids = (nodes: readonly { id: string }[]) => nodes.map(({ id }) => id)
  expect(ids(madeFrom(facts, { run: 'root', image: 1 }))).toEqual(['run:branch', 'run:decoded', 'run:grids'])
  expect(ids(madeFrom(facts, { run: 'root' }))).toContain('measurement:aaaa')
  expect(ids(madeFrom(facts, { run: 'twice', image: 1 }))).toEqual(['figure:fig'])
  expect(ids(madeFrom(facts, { run: 'twice', image: 0 }))).toEqual([])
  expect(ids(madeBeside(facts, { run: 'branch' }))).toEqual(['run:decoded', 'run:grids'])
  expect(madeBeside(facts, { run: 'root' })).toEqual([])
})

it('the tree has every node once, under its parent', () => {
  const rows = treeOf(facts, { run: 'twice' })
  expect(rows.map(({ node, depth }) => `${depth} ${node.id}`)).toEqual([
    '0 run:root',
    '1 image:root#1',
    '2 run:branch',
    '3 image:branch#2',
    '4 run:twice',
    '5 figure:fig',
    '2 run:decoded',
    '2 run:grids',
    '1 image:root#0',
    '2 run:edit',
    '1 measurement:aaaa',
  ])
})

it('a branch is where exactly the cells before one are pinned', () => {
  const pinned = (tokens: readonly number[]) => request({ pinned: [{ discriminative: [...tokens] }] })
  expect(branchCell(pinned(branch.discriminative))).toBe(201)
  expect(branchCell(pinned(grid))).toBeUndefined()
  expect(branchCell(pinned(grid.map(() => -1)))).toBeUndefined()
  expect(branchCell(pinned(grid.map((token) => (token === 9 ? -1 : token))))).toBeUndefined()
  expect(branchCell(request({ pinned: [{ discriminative: grid, codes: branch.discriminative }] }))).toBe(201)
})

it('tokens changed by hand are counted', () => {
  const pinned = [{ discriminative: grid.map((token) => (token < 3 ? 99 : token)) }]
  expect(handWords(request({ pinned }), grid)).toBe('3 cells changed by hand')
  expect(handWords(request({ pinned }), undefined)).toBe('')
})
