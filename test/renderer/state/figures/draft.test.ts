import { describe, expect, it } from 'vitest'
import { drawnRegion } from '../../../../src/renderer/state/figures/region.ts'
import {
  draftProblems,
  movedEntry,
  movedPanel,
  newHistory,
  redone,
  stepped,
  undone,
  withoutEntry,
  withoutImage,
  withoutPanel,
  withValue,
  type Draft,
  type PanelDraft,
} from '../../../../src/renderer/state/figures/draft.ts'

const image = (n: number) => ({ run: 'r', image: n })
const grid = (count = 4, more: object = {}) =>
  ({
    kind: 'grid',
    columns: 2,
    images: Array.from({ length: count }, (_, i) => image(i)),
    ...more,
  }) as PanelDraft & { kind: 'grid' }
const titled = (title: string): PanelDraft => ({ ...grid(), title })
const draft = (...rows: string[][]): Draft => ({ schema: 1, rows: rows.map((row) => row.map(titled)) })
const titles = ({ rows }: Draft) => rows.map((row) => row.map(({ title }) => title))

describe('a draft', () => {
  it('changes copy only the changed path', () => {
    const before = draft(['a'], ['b'])
    const after = withValue(before, ['rows', 1, 0, 'crop', 'x'], 3)
    expect(after.rows[1]![0]).toMatchObject({ title: 'b', crop: { x: 3 } })
    expect(before.rows[1]![0]).not.toHaveProperty('crop')
    expect(after.rows[0]).toBe(before.rows[0])
    expect(withValue(after, ['rows', 1, 0, 'crop'], undefined)).toEqual(before)
    expect(withValue({ list: [1, 2, 3] }, ['list', 1], undefined)).toEqual({ list: [1, 3] })
  })

  it('problems are listed by path', () => {
    const wrong = withValue(draft(['a']), ['rows', 0, 0, 'columns'], 0)
    expect([...draftProblems(wrong).keys()]).toEqual(['rows.0.0.columns'])
    expect(draftProblems(draft(['a'])).size).toBe(0)
  })

  it('undo and redo work; typing in one field is one step', () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => draft([name]))
    let history = stepped(newHistory(a!), b!, 'title', 0)
    history = stepped(history, c!, 'title', 500)
    history = stepped(history, d!, 'columns', 600)
    expect(undone(history).now).toBe(c)
    expect(undone(undone(history)).now).toBe(a)
    expect(undone(undone(undone(history))).now).toBe(a)
    expect(redone(undone(history)).now).toBe(d)
    expect(stepped(undone(history), b!, '', 900).future).toEqual([])
    expect(stepped(stepped(newHistory(a!), b!, '', 0), c!, '', 1).past).toEqual([a, b])
  })
})

describe('panels', () => {
  it.each([
    ['left', 1, [['b', 'a'], ['c']], 0],
    ['left', 0, [['a', 'b'], ['c']], 0],
    ['right', 0, [['b', 'a'], ['c']], 1],
    ['up', 2, [['a', 'b', 'c']], 2],
    ['up', 1, [['b'], ['a'], ['c']], 0],
    ['down', 0, [['b'], ['a'], ['c']], 1],
    ['down', 2, [['a', 'b'], ['c']], 2],
  ] as const)('move %s from place %i', (way, panel, rows, to) => {
    const moved = movedPanel(draft(['a', 'b'], ['c']), panel, way)
    expect([titles(moved.draft), moved.panel]).toEqual([rows, to])
  })

  it('removing a panel removes an empty row', () => {
    expect(titles(withoutPanel(draft(['a', 'b'], ['c']), 2))).toEqual([['a', 'b']])
    expect(titles(withoutPanel(draft(['a', 'b'], ['c']), 0))).toEqual([['b'], ['c']])
  })
})

describe('entries', () => {
  const insets = [{ cell: 1, region: { x: 0, y: 0, width: 1, height: 1 } }]
  const numbers = (panel: PanelDraft | undefined) =>
    panel?.kind === 'grid' ? panel.images.map((ref) => ('image' in ref ? ref.image : -1)) : undefined

  it('entries move with their labels and insets', () => {
    const moved = movedEntry(grid(4, { cellLabels: ['0', '1'], insets }), 1, 3)
    expect(numbers(moved)).toEqual([0, 2, 3, 1])
    expect(moved).toMatchObject({ cellLabels: ['0', '', '', '1'], insets: [{ cell: 3 }] })
    expect(movedEntry(grid(4, { insets }), 3, 0)).toMatchObject({ insets: [{ cell: 2 }] })
  })

  it('entries are removed with their labels and insets, except the last', () => {
    const left = withoutEntry(grid(4, { cellLabels: ['0', '1', '2', '3'], insets }), 1)
    expect(left).toMatchObject({ cellLabels: ['0', '2', '3'], insets: [] })
    expect(numbers(left)).toEqual([0, 2, 3])
    expect(withoutEntry(grid(1), 0)).toBeUndefined()
  })

  it('entries of a missing image are removed everywhere', () => {
    const pairs = [0, 1].map((n) => ({ before: image(n), after: image(n + 1) }))
    const all: Draft = { schema: 1, rows: [[grid(3), { kind: 'intervention', pairs }], [grid(1)]] }
    const left = withoutImage(all, (ref) => 'image' in ref && ref.image === 0)
    expect(left.rows.map((row) => row.length)).toEqual([2])
    expect(numbers(left.rows[0]![0])).toEqual([1, 2])
    expect(left.rows[0]![1]).toMatchObject({ pairs: [pairs[1]] })
  })
})

describe('a rectangle drawn over a cell', () => {
  const box = { x: 10, y: 20, width: 64, height: 32 }
  const whole = { x: 0, y: 0, width: 128, height: 64 }
  it('a drawn rectangle becomes a region in whole pixels, in any drawing direction', () => {
    const region = { x: 32, y: 16, width: 64, height: 32 }
    expect(drawnRegion(box, [26, 28], [58, 44], whole)).toEqual(region)
    expect(drawnRegion(box, [58, 44], [26, 28], whole)).toEqual(region)
  })
  it('a region stays inside the visible part of the image', () => {
    expect(drawnRegion(box, [0, 0], [900, 900], { x: 5, y: 6, width: 10, height: 10 })).toEqual({
      x: 5,
      y: 6,
      width: 10,
      height: 10,
    })
    expect(drawnRegion(box, [0, 0], [5, 5], whole)).toBeUndefined()
  })
})
