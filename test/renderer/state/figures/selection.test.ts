// What a panel states about the selection of its images, after every kind of edit.
import { describe, expect, it } from 'vitest'
import type { Arrangement } from '../../../../src/renderer/state/figures/arrange.ts'
import {
  movedEntry,
  withoutEntry,
  withValue,
  type PanelDraft,
} from '../../../../src/renderer/state/figures/draft.ts'
import { stating, withImages, withOwnSelections } from '../../../../src/renderer/state/figures/selection.ts'
import { checkFigure, type Figure } from '../../../../src/shared/figures/figure.ts'
import { selectionSentence } from '../../../../src/shared/figures/paper/selection-words.ts'

type Grid = Extract<PanelDraft, { kind: 'grid' }>
const refs = (...images: number[]) => images.map((image) => ({ run: 'r', image }))
const firsts = (count: number): Arrangement => ({
  images: refs(...Array.from({ length: count }, (_, i) => i)),
  rule: `the first ${count} images of the run`,
  uncurated: true,
})
const grid = (more: Partial<Grid> = {}): Grid => ({ kind: 'grid', columns: 2, images: refs(9), ...more })
const figure = (...panels: PanelDraft[]): Figure => checkFigure({ schema: 1, rows: [panels] }, 'f.json')
const told = (...panels: (PanelDraft | undefined)[]) =>
  selectionSentence(figure(...panels.map((one) => one!)))
const numbers = (panel: PanelDraft | undefined) =>
  'images' in panel! ? panel.images.map((ref) => ('run' in ref ? ref.image : -1)) : []

const first4 = withImages(grid(), firsts(4), false)

describe('the sentence follows the images', () => {
  it('uncurated only while they are what the rule gave', () => {
    const rule = 'the first 4 images of the run'
    expect(told(first4)).toBe(`Selection: ${rule}, uncurated.`)
    expect(told(withoutEntry(first4, 1))).toBe(`Selection: ${rule}, then by hand: 1 removed.`)
    expect(told(movedEntry(first4, 0, 3))).toBe(`Selection: ${rule}, then by hand: order changed.`)
    const other = withValue(first4, ['images', 2], { run: 'r', image: 7 })
    expect(told(other)).toBe(`Selection: ${rule}, then by hand: 1 removed, 1 added.`)
    const twice = withValue(first4, ['images', 4], { run: 'r', image: 0 })
    expect(told(twice)).toBe(`Selection: ${rule}, then by hand: 1 added.`)
    const cut = withValue(first4, ['crop'], { x: 0, y: 0, width: 8, height: 8 })
    expect(told(cut)).toBe(`Selection: ${rule}, uncurated; cropped.`)
    expect(told(movedEntry(movedEntry(first4, 0, 3), 3, 0))).toBe(`Selection: ${rule}, uncurated.`)
  })

  it('each panel states its own; panels without images state nothing', () => {
    const byHand = stating(grid({ images: refs(3, 1) }), { rule: 'chosen by hand', uncurated: false })
    const table: PanelDraft = { kind: 'table', columns: [{ label: 'x' }], rows: [[1]] }
    expect(told(first4, byHand, table, grid())).toBe(
      'Selection: (a) the first 4 images of the run, uncurated; (b) chosen by hand; (d) not stated.',
    )
    expect(told(first4, first4)).toBe('Selection: the first 4 images of the run, uncurated.')
    expect(told(table)).toBeUndefined()
    expect(told(grid())).toBeUndefined()
  })

  it('images that are added bring their rule', () => {
    const more = { images: refs(8, 6), rule: 'chosen by hand', uncurated: false }
    expect(told(withImages(first4, more, true))).toBe(
      'Selection: the first 4 images of the run, uncurated; chosen by hand.',
    )
    expect(told(withImages(withoutEntry(first4, 0)!, more, true))).toBe(
      'Selection: the first 4 images of the run, then by hand: 1 removed; chosen by hand.',
    )
  })

  it('one rule for the whole figure, as older files have it, becomes the rule of each panel', () => {
    const old = {
      schema: 1 as const,
      selection: 'the first 2, uncurated',
      rows: [[grid({ images: refs(0, 1) })]],
    }
    const { selection, rows } = withOwnSelections(old)
    expect(selection).toBeUndefined()
    expect(told(rows[0]![0])).toBe('Selection: the first 2, uncurated.')
    expect(told(withoutEntry(rows[0]![0]!, 0))).toBe('Selection: the first 2, then by hand: 1 removed.')
    expect(selectionSentence(checkFigure(old, 'f.json'))).toBe('Selection: the first 2, uncurated.')
  })
})

describe('in a grid with labels', () => {
  const rows = grid({
    images: refs(0, 1, 2, 3, 4, 5),
    rowLabels: ['a', 'b', 'c'],
    cellLabels: ['0', '1', '2', '3'],
  })

  it('a row goes as a whole, with its label', () => {
    const left = withoutEntry(
      { ...rows, insets: [{ cell: 5, region: { x: 0, y: 0, width: 1, height: 1 } }] },
      2,
    )
    expect(left).toMatchObject({
      rowLabels: ['a', 'c'],
      cellLabels: ['0', '1', '', ''],
      insets: [{ cell: 3 }],
    })
    expect(numbers(left)).toEqual([0, 1, 4, 5])
  })

  it('an image moves within its row, a row among the rows', () => {
    expect(numbers(movedEntry(rows, 2, 3))).toEqual([0, 1, 3, 2, 4, 5])
    const moved = movedEntry(rows, 1, 4)
    expect(moved).toMatchObject({ rowLabels: ['b', 'c', 'a'] })
    expect(numbers(moved)).toEqual([2, 3, 4, 5, 0, 1])
  })

  it('columns with labels move and go as a whole, too', () => {
    const both = { ...rows, columnLabels: ['x', 'y'] }
    const moved = movedEntry(both, 0, 1)
    expect(moved).toMatchObject({ columnLabels: ['y', 'x'], rowLabels: ['a', 'b', 'c'] })
    expect(numbers(moved)).toEqual([1, 0, 3, 2, 5, 4])
    const left = withoutEntry(grid({ images: refs(0, 1, 2, 3), columnLabels: ['x', 'y'] }), 2)
    expect(left).toMatchObject({ columns: 1, columnLabels: ['y'] })
    expect(numbers(left)).toEqual([1, 3])
    expect(withoutEntry(grid({ images: refs(0, 1), rowLabels: ['x'] }), 0)).toBeUndefined()
  })

  it('more rows of the same width bring their labels; where rows would shift, there are none', () => {
    const more = { images: refs(7, 8), columns: 2, rowLabels: ['d'], rule: 'x', uncurated: true }
    expect(withImages(rows, more, true)).toMatchObject({ rowLabels: ['a', 'b', 'c', 'd'] })
    const short = { ...rows, images: refs(0, 1, 2, 3, 4) }
    expect(withImages(short, more, true)).not.toHaveProperty('rowLabels')
  })

  it('new images drop the labels of the old ones', () => {
    expect(withImages({ ...rows, title: 't' }, firsts(1), false)).toEqual({
      kind: 'grid',
      columns: 2,
      images: refs(0),
      title: 't',
      selection: { rule: 'the first 1 images of the run', uncurated: true, images: refs(0) },
    })
  })
})
