import { describe, expect, it } from 'vitest'
import type { WorkspaceRun } from '../../../../src/shared/run/listed-run.ts'
import {
  atRandom,
  classRows,
  differingSettings,
  inOrder,
  settingAxes,
  settingColumns,
  sweepGrid,
} from '../../../../src/renderer/state/figures/arrange.ts'
import { runRows } from '../../../../src/renderer/state/figures/arrange-runs.ts'
import { draftProblems } from '../../../../src/renderer/state/figures/draft.ts'
import { panelChoices, sentPanel } from '../../../../src/renderer/state/figures/new-panel.ts'
import { isNumberList, parseNumbers } from '../../../../src/shared/run/number-ranges.ts'
import { textToValue, valueToText } from '../../../../src/renderer/state/figures/field-values.ts'
import { panelFields } from '../../../../src/shared/figures/fields.ts'
import { QUICK } from '../../../quick-request.ts'

const listed = Array.from({ length: 10 }, (_, image) => ({ image, class: image % 3 }))
const run = (id: string, more: object = {}): WorkspaceRun => ({
  id,
  started: '2026-11-20T10:00:00Z',
  finished: 10,
  status: { state: 'done', finished: 10, summary: '' },
  request: { ...QUICK, count: 10, ...more },
})
const topK = (id: string, k: number, seed = 0) =>
  run(id, { seed, stage1Sampling: { ...QUICK.stage1Sampling, topK: k } })
const numbers = (images: readonly object[]) => images.map((ref) => ('image' in ref ? ref.image : undefined))

describe('images are picked', () => {
  it('images are picked in order and at random, with the rule as text', () => {
    expect(inOrder('r', listed, 0, 4)).toMatchObject({ rule: 'the first 4 images of the run' })
    expect(inOrder('r', listed, 8, 9)).toMatchObject({ rule: 'images 8 to 9 of the run' })
    const drawn = atRandom('r', listed, 4, 7)
    expect(drawn).toEqual(atRandom('r', listed, 4, 7))
    expect(drawn.images).not.toEqual(atRandom('r', listed, 4, 8).images)
    expect(new Set(numbers(drawn.images)).size).toBe(4)
    expect(drawn.rule).toBe("4 of the run's 10 images at random (seed 7)")
  })

  it('one class per row, for classes with enough images', () => {
    const { images, rowLabels, columns } = classRows('r', listed, 4, (label) => `class ${label}`)
    expect([numbers(images), rowLabels, columns]).toEqual([[0, 3, 6, 9], ['class 0'], 4])
    expect(classRows('r', listed, 3, String).rowLabels).toEqual(['0', '1', '2'])
  })

  it('one setting per column, and two settings as axes', () => {
    const runs = [topK('b', 100), topK('a', 20)]
    expect([...differingSettings(runs)]).toEqual([['top-k', ['100', '20']]])
    const columns = settingColumns(runs, [0, 5])
    expect(columns.columnLabels).toEqual(['top-k 20', 'top-k 100'])
    expect(columns.images).toEqual([
      { run: 'a', image: 0 },
      { run: 'b', image: 0 },
      { run: 'a', image: 5 },
      { run: 'b', image: 5 },
    ])
    const square = [topK('a', 20, 1), topK('b', 100, 1), topK('c', 20, 2), topK('d', 100, 2)]
    const axes = settingAxes(square, 'top-k', 'seed', 3)!
    expect(axes.images.map((ref) => 'run' in ref && ref.run)).toEqual(['a', 'b', 'c', 'd'])
    expect([axes.columnLabels, axes.rowLabels]).toEqual([
      ['top-k 20', 'top-k 100'],
      ['seed 1', 'seed 2'],
    ])
    expect(settingAxes(square.slice(0, 3), 'top-k', 'seed', 3)).toBeUndefined()
  })

  it('one run per row, with the classes that all have as columns, labeled by what drew them', () => {
    const drawn = { family: 'rar' as const, settings: { guidance: 4 } }
    const all = [
      { run: run('digit'), listed },
      {
        run: run('rar', { generator: drawn }),
        listed: listed.map((one) => ({ ...one, class: one.image % 2 })),
      },
    ]
    const { images, rowLabels, columnLabels, columns } = runRows(all, 2, (label) => `class ${label}`)!
    expect(images).toEqual(
      [
        ['digit', [0, 3, 1, 4]],
        ['rar', [0, 2, 1, 3]],
      ].flatMap(([id, shown]) => (shown as number[]).map((image) => ({ run: id, image }))),
    )
    expect(rowLabels).toEqual(['DiGIT', 'RAR'])
    expect([columns, columnLabels]).toEqual([4, ['class 0', 'class 0', 'class 1', 'class 1']])
    expect(runRows(all, 6, String)).toBeUndefined()
    const twice = [all[1]!, { run: run('other', { generator: drawn }), listed }]
    expect(runRows(twice, 1, String)!.rowLabels).toEqual(['RAR, guidance 4', 'RAR, guidance 4'])
  })

  it('two axes of a sweep, other axes at their first value', () => {
    const points = [20, 100].flatMap((topk) =>
      [1, 2].flatMap((seed) =>
        ['ar', 'nar'].map((stage2) => ({
          run: `s@${topk}-${seed}-${stage2}`,
          values: { topk, seed, stage2 },
          images: 4,
        })),
      ),
    )
    const grid = sweepGrid(points as never, 'topk', 'seed', 3)!
    expect(grid.images.map((ref) => 'run' in ref && ref.run)).toEqual([
      's@20-1-ar',
      's@100-1-ar',
      's@20-2-ar',
      's@100-2-ar',
    ])
    expect([grid.columnLabels, grid.rowLabels]).toEqual([
      ['topk 20', 'topk 100'],
      ['seed 1', 'seed 2'],
    ])
    expect(sweepGrid(points as never, 'topk', undefined, 0)).toMatchObject({
      columns: 2,
      images: { length: 2 },
    })
    expect(sweepGrid(points as never, 'topk', 'seed', 4)).toBeUndefined()
  })

  it('image numbers are parsed as people write them', () => {
    expect(parseNumbers('0-3, 7 x 9–10')).toEqual([0, 1, 2, 3, 7, 9, 10])
    expect(['1-3, 7', '4,', '5 - 9'].every(isNumberList)).toBe(true)
    expect(['7', 't-shirt', '', '3 dogs'].some(isNumberList)).toBe(false)
  })
})

describe('new panels', () => {
  const edited = run('edited', { from: { run: 'a', image: 4 }, given: [{}] })
  const stock = { runs: [edited, run('a')], chosen: [], atlases: ['demo-codes'] }

  it('new panels of every kind are valid', () => {
    for (const choice of panelChoices(stock).filter(({ lacks }) => lacks === undefined))
      expect([choice.name, [...draftProblems({ schema: 1, rows: [[choice.make()]] })]]).toEqual([
        choice.name,
        [],
      ])
    const lacking = panelChoices({ runs: [], chosen: [], atlases: [] }).filter(
      ({ lacks }) => lacks !== undefined,
    )
    expect(lacking.map(({ name }) => name)).toEqual([
      'Sample grid',
      'Reconstruction strip',
      'Cluster',
      'Intervention',
      'Decoding steps',
      'Variance map',
      'Cluster map',
    ])
  })

  it('sent images become edits next to their source, else a grid', () => {
    expect(sentPanel([{ run: 'edited', image: 0 }], stock.runs)).toMatchObject({
      kind: 'intervention',
      pairs: [{ before: { run: 'a', image: 4 }, after: { run: 'edited', image: 0 } }],
    })
    expect(sentPanel([{ run: 'a', image: 0 }], stock.runs)).toMatchObject({ kind: 'grid', columns: 4 })
  })
})

describe('fields as text', () => {
  const field = (kind: 'chart' | 'table' | 'grid', name: string) => {
    const all = panelFields(kind).flatMap((one) => [
      one,
      ...(one.kind === 'list' || one.kind === 'group' ? one.fields : []),
    ])
    return all.find((one) => one.name === name)!
  }
  it.each([
    [
      'chart',
      'points',
      '1, 2\n3 4.5\n',
      [
        [1, 2],
        [3, 4.5],
      ],
      '1, 2\n3, 4.5',
    ],
    ['chart', 'points', '1, x', [[1, 'x']], '1, x'],
    [
      'table',
      'rows',
      'a | 1.5 | –\nb\t2\t',
      [
        ['a', 1.5, '–'],
        ['b', 2, ''],
      ],
      'a | 1.5 | –\nb | 2 | ',
    ],
    ['grid', 'rowLabels', 'a\n\nb\n', ['a', '', 'b'], 'a\n\nb'],
    ['grid', 'rowLabels', ' ', undefined, ''],
    ['grid', 'tokens', '3 4,5', [3, 4, 5], '3, 4, 5'],
  ] as const)('%s.%s: %j', (kind, name, text, value, back) => {
    expect(textToValue(text, field(kind, name))).toEqual(value)
    expect(valueToText(value, field(kind, name))).toBe(back)
  })
})
