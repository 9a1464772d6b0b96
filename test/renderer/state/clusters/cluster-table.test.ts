// Rows of the table of clusters: order, search, filters.
import { describe, expect, it } from 'vitest'
import {
  columnOf,
  rowsOf,
  shareWords,
  tableQueryOf,
  type Besides,
} from '../../../../src/renderer/state/clusters/cluster-table.ts'
import type { AtlasContents } from '../../../../src/shared/atlas/atlases.ts'

/** Five clusters over 1000 cells: the mean is 200, so below 20 is rare. */
const contents: AtlasContents = {
  info: {
    tokens: 'discriminative',
    entries: 5,
    images: 10,
    cells: 1000,
    classNames: ['cat', 'catfish'],
    classImages: [5, 5],
    dead: 1,
    rare: 1,
    perplexity: 3,
    umap: false,
  },
  table: {
    cells: Uint32Array.of(300, 0, 19, 300, 381),
    images: Uint32Array.of(5, 0, 1, 6, 9),
    distance: Float32Array.of(0.5, NaN, 0.25, 1, 0.75),
    classEntropy: Float32Array.of(0.1, NaN, 0, 0.2, 0.3),
    topClass: Int32Array.of(0, -1, 1, 1, 0),
    topClassLift: Float32Array.of(1, NaN, 2, 1.5, 1.2),
    positionEntropy: Float32Array.of(1, 0, 2, 3, 4),
    pca: new Float32Array(10),
  },
}
const name = (index: number) => contents.info.classNames[index]!
const besides: Besides = {
  labels: new Map([
    [1, { entry: 1, label: 'Sky', note: 'blue', tags: ['far away'], changed: '' }],
    [4, { entry: 4, label: 'sea', note: '', tags: [], changed: '' }],
  ]),
  logRatio: Float32Array.of(0.5, -2, 3, 0, -1),
}
const rows = (query: Record<string, string>, more: Partial<Besides> = {}) =>
  rowsOf(contents, { ...besides, ...more }, tableQueryOf(query, contents.info), name)

describe('rows', () => {
  it('rows sorted by usage start with the most used, ties by number', () => {
    expect(rows({ sort: 'cells' })).toEqual([4, 0, 3, 2, 1])
    expect(rows({ sort: 'cells', order: 'up' })).toEqual([1, 2, 0, 3, 4])
  })
  it('rows start with what tells most about the classes, without classes with the most used', () => {
    // H(class) = ln 2 = 0.693: 300 × 0.593, 19 × 0.693, 300 × 0.493, 381 × 0.393.
    expect(rows({})).toEqual([0, 4, 3, 2, 1])
    expect(columnOf(contents, besides, 'information')[0]).toBeCloseTo(300 * (Math.log(2) - 0.1), 4)
    expect(tableQueryOf({}, { ...contents.info, classImages: [10, 0] }).sort).toBe('cells')
  })
  it('rows without a value come last in either order', () => {
    expect(rows({ sort: 'distance' })).toEqual([3, 4, 0, 2, 1])
    expect(rows({ sort: 'distance', order: 'up' })).toEqual([2, 0, 4, 3, 1])
  })
  it('rows are searched by number and class', () => {
    expect(rows({ q: 'Cat', sort: 'id' })).toEqual([0, 2, 3, 4])
    expect(rows({ q: 'fish', sort: 'id' })).toEqual([2, 3])
    expect(rows({ q: '3' })).toEqual([3])
  })
  it('the cluster of a typed number comes before those whose number only starts with it, whatever the order', () => {
    const entries = 200
    const many = {
      info: { ...contents.info, entries },
      table: {
        ...contents.table,
        cells: Uint32Array.from({ length: entries }, (_, k) => k),
        topClass: new Int32Array(entries),
      },
    }
    const found = (query: Record<string, string>) =>
      rowsOf(many, { labels: new Map() }, tableQueryOf(query, contents.info), name)
    expect(found({ q: '10', sort: 'cells' })).toEqual([10, 109, 108, 107, 106, 105, 104, 103, 102, 101, 100])
    expect(found({ q: '10', sort: 'id', order: 'down' })[0]).toBe(10)
  })
  it('rows are searched by label, tag and note', () => {
    expect(rows({ q: 'sky' })).toEqual([1])
    expect(rows({ q: 'FAR' })).toEqual([1])
    expect(rows({ q: 'blue' })).toEqual([1])
  })
  it('rows are sorted by the log-ratio to another atlas', () => {
    expect(rows({ sort: 'logRatio' })).toEqual([2, 0, 3, 4, 1])
    expect(rows({ sort: 'logRatio', order: 'up' })[0]).toBe(1)
  })
  it('rows match all filters at once', () => {
    expect(rows({ sort: 'id' }, { among: [new Set([0, 2, 4]), new Set([2, 4, 3])] })).toEqual([2, 4])
  })
  it('rows are filtered by used, rare or dead', () => {
    expect(rows({ show: 'rare' })).toEqual([2])
    expect(rows({ show: 'dead' })).toEqual([1])
    expect(rows({ show: 'used', sort: 'id', order: 'down' })).toEqual([4, 3, 2, 0])
  })
})

it.each([
  [0, 100, '0 %'],
  [1, 1_000_000, '<0.001 %'],
  [1, 300, '0.333 %'],
  [1, 20, '5.00 %'],
  [1, 2, '50.0 %'],
  [0, 0, '0 %'],
])('%i of %i is %s', (part, whole, words) => expect(shareWords(part, whole)).toBe(words))
