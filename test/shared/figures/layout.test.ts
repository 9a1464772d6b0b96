import { describe, expect, it } from 'vitest'
import { paletteColour } from '../../../src/shared/figures/colour.ts'
import type { ContentImage } from '../../../src/shared/figures/content.ts'
import type { DisplayList, ImageItem } from '../../../src/shared/figures/display.ts'
import { checkFigure, figureImages } from '../../../src/shared/figures/figure.ts'
import { layoutFigure, panelLetter } from '../../../src/shared/figures/layout.ts'
import { contentOf, METRICS } from './content.ts'

const files = (count: number) => Array.from({ length: count }, (_, i) => ({ file: `${i}.png` }))
const laidOut = (rows: object[][], fields: object = {}, image: Partial<ContentImage> = {}): DisplayList => {
  const figure = checkFigure({ schema: 1, rows, ...fields }, 'f.json')
  return layoutFigure(figure, contentOf([...figureImages(figure).keys()], image), METRICS)
}
const images = ({ items }: DisplayList) => items.filter((item): item is ImageItem => item.kind === 'image')
const texts = ({ items }: DisplayList) => items.flatMap((item) => (item.kind === 'text' ? [item.text] : []))

describe('a grid', () => {
  const grid = { kind: 'grid', columns: 3, images: files(6), rowLabels: ['one', 'two'] }

  it('fills the width with square images of one size, separated by the gutter, aligned to dots', () => {
    const list = laidOut([[grid]], { gutter: 6 })
    const found = images(list)
    const dot = 72 / 300
    expect(found).toHaveLength(6)
    for (const { x, y, width, height } of found) {
      for (const length of [x, y, width, height])
        expect(length / dot).toBeCloseTo(Math.round(length / dot), 6)
      expect(Math.abs(width - height)).toBeLessThanOrEqual(dot + 1e-9)
      expect(Math.abs(width - found[0]!.width)).toBeLessThanOrEqual(dot + 1e-9)
    }
    const [first, second, third] = found as [ImageItem, ImageItem, ImageItem]
    expect(second.x - first.x - first.width).toBeGreaterThan(6 - 2 * dot)
    expect(second.x - first.x - first.width).toBeLessThan(6 + 2 * dot)
    expect(third.x + third.width).toBeCloseTo(list.width, 6)
    expect(list.height / dot).toBeCloseTo(Math.round(list.height / dot), 6)
  })

  it('gives the same display list for the same figure', () => {
    expect(laidOut([[grid]])).toEqual(laidOut([[grid]]))
  })

  it('places nothing outside the page', () => {
    const inset = { cell: 1, region: { x: 0, y: 0, width: 16, height: 16 } }
    const full = {
      ...grid,
      insets: [inset],
      columnLabels: ['a', 'b', 'c'],
      cellLabels: ['x'],
      title: 'Title',
    }
    const list = laidOut([[full, { ...full, columns: 2, rowLabels: [], columnLabels: [] }]])
    for (const item of list.items) {
      if (item.kind !== 'image' && item.kind !== 'rect') continue
      expect(item.x).toBeGreaterThanOrEqual(-1e-6)
      expect(item.x + item.width).toBeLessThanOrEqual(list.width + 1e-6)
      expect(item.y + item.height).toBeLessThanOrEqual(list.height + 1e-6)
    }
  })

  it('shortens a label that is too wide and adds a note', () => {
    const list = laidOut([[{ ...grid, cellLabels: ['w'.repeat(200)] }]])
    expect(texts(list).some((text) => /^w+…$/.test(text))).toBe(true)
    expect(list.notes).toEqual([expect.stringContaining('too wide')])
  })

  it.each([
    [{ rowLabels: ['a', 'b', 'c'] }, '3 row labels for 2 rows'],
    [{ columnLabels: ['a', 'b', 'c', 'd'] }, '4 column labels for 3 columns'],
    [{ cellLabels: files(7).map(({ file }) => file) }, '7 cell labels for 6 images'],
    [{ crop: { x: 32, y: 0, width: 33, height: 8 } }, 'crop 33 x 8 at (32, 0): outside 0.png (64 x 64)'],
    [
      { insets: [{ cell: 6, region: { x: 0, y: 0, width: 8, height: 8 } }] },
      'inset in cell 6: out of range (6 images)',
    ],
    [
      { insets: [{ cell: 0, region: { x: 60, y: 0, width: 8, height: 8 } }] },
      'outside the visible part of 0.png',
    ],
  ])('refuses %j', (fields, message) => {
    expect(() => laidOut([[{ ...grid, ...fields }]])).toThrow(message)
  })

  it('refuses more columns than fit', () => {
    expect(() => laidOut([[{ ...grid, images: files(900), columns: 900, rowLabels: [] }]])).toThrow(
      '900 columns of images do not fit',
    )
  })
})

describe('panels from image records', () => {
  it('steps: autoregressive cells appear in raster order, masked ones by their step', () => {
    const steps = { kind: 'steps', images: files(1), at: [0.25] }
    const open = (list: DisplayList) => {
      const { source } = images(list)[0]!
      return source.of === 'faded' ? source.cells : []
    }
    expect(open(laidOut([[steps]]))).toEqual(
      Array.from({ length: 256 }, (_, i) => i).filter((i) => i % 8 >= 2),
    )
    expect(texts(laidOut([[steps]]))).toEqual(['2 of 8 steps'])
    const narrow = laidOut([[{ ...steps, at: Array.from({ length: 16 }, (_, i) => (i + 1) / 16) }]])
    expect([texts(narrow)[3], narrow.notes]).toEqual(['2/8', []])
    const raster = laidOut([[steps]], {}, { steps: {} })
    expect(open(raster)).toEqual(Array.from({ length: 192 }, (_, i) => i + 64))
  })

  it('cluster: one cell is outlined on its four sides, the other 255 fade', () => {
    const list = laidOut([[{ kind: 'cluster', token: 17, images: files(1), columns: 4 }]])
    expect(images(list)[0]!.source).toMatchObject({ of: 'faded', cells: { length: 255 } })
    const lines = list.items.flatMap((item) => (item.kind === 'line' ? [item.points] : []))
    const side = list.width / 16
    const ends = [1, 2].map((n) => expect.closeTo(n * side, 6) as number)
    expect(lines).toHaveLength(4)
    expect(lines).toContainEqual([
      [ends[0], ends[0]],
      [ends[1], ends[0]],
    ])
  })

  it('an image without the tokens that a panel needs is refused', () => {
    const strip = { kind: 'reconstruction', images: files(1), parts: ['codes'] }
    expect(() => laidOut([[strip]], {}, { tokens: {} })).toThrow('0.png: the image has no VQGAN codes')
    const input = { ...strip, parts: ['input'] }
    expect(() => laidOut([[input]])).toThrow('0.png: its input picture is missing')
  })
})

describe('charts and tables', () => {
  const chart = {
    kind: 'chart',
    x: { label: 'updates' },
    y: { label: 'FID' },
    series: [
      {
        label: 'a',
        points: [
          [0, 30],
          [10, 10],
        ],
        protocol: 'torch-fidelity, n = 50,000',
      },
      {
        label: 'b',
        points: [
          [0, 20],
          [10, 5],
        ],
      },
    ],
  }
  const table = {
    kind: 'table',
    columns: [{ label: 'Method' }, { label: 'FID', best: 'lowest' }],
    rows: [
      ['a', '9.13'],
      ['b', 4.59],
    ],
  }

  it('a chart of several protocols is refused', () => {
    const mixed = { ...chart, series: chart.series.map((s, i) => ({ ...s, protocol: `p${i}` })) }
    expect(() => laidOut([[mixed]])).toThrow('values of different protocols in one chart: p0 | p1')
  })

  it('the curve passes through its points, scaled by the axes', () => {
    const exact = {
      ...chart,
      x: { label: '', from: 0, to: 10 },
      y: { label: '', from: 0, to: 40 },
      legend: 'none',
    }
    const { items } = laidOut([[exact]])
    const discs = items.flatMap((item) => (item.kind === 'disc' ? [item] : []))
    const axes = items.find((item) => item.kind === 'line' && item.points.length === 3)
    if (axes?.kind !== 'line') throw new Error('no axes')
    const [[left, top], [, bottom], [right]] = axes.points as [
      [number, number],
      [number, number],
      [number, number],
    ]
    expect(discs.map(({ x, y }) => [(x - left) / (right - left), (bottom - y) / (bottom - top)])).toEqual([
      [expect.closeTo(0, 6), expect.closeTo(0.75, 6)],
      [expect.closeTo(1, 6), expect.closeTo(0.25, 6)],
    ])
  })

  it('an error bar extends one error below and above its point', () => {
    const barred = (errors: number[], y: object) => {
      const series = [{ ...chart.series[0], errors }]
      const { items } = laidOut([[{ ...chart, y: { label: '', ...y }, legend: 'none', series }]])
      const lines = items.flatMap((item) => (item.kind === 'line' ? [item] : []))
      const axes = lines.find(({ points }) => points.length === 3)!.points
      const [top, bottom] = axes.map(([, at]) => at)
      const drawn = lines.filter(({ stroke }) => stroke === paletteColour(0)).map(({ points }) => points)
      return drawn.map((points) => points.map(([, at]) => (bottom! - at) / (bottom! - top!)))
    }
    // Of the second point, 10 with an error of 4: the bar, its caps, then the curve.
    const near = (value: number) => expect.closeTo(value, 6) as number
    expect(barred([0, 4], { from: 0, to: 40 })).toEqual([
      [near(6 / 40), near(14 / 40)],
      [near(6 / 40), near(6 / 40)],
      [near(14 / 40), near(14 / 40)],
      [near(30 / 40), near(10 / 40)],
    ])
    // The axis makes room for bars; on a log axis one that reaches 0 goes down to the axis.
    expect(Math.max(...barred([8, 0], {}).flat())).toBeLessThanOrEqual(1)
    expect(Math.min(...barred([0, 12], { scale: 'log' }).flat())).toBe(0)
    expect(() => barred([1], {})).toThrow("series 'a': found 1 errors for 2 points")
  })

  it('the best value of a column is bold, whether text or number', () => {
    const { items } = laidOut([[table]])
    const bold = items.flatMap((item) => (item.kind === 'text' && item.face === 'bold' ? [item.text] : []))
    expect(bold).toEqual(['4.59'])
    expect(() => laidOut([[{ ...table, rows: [['a']] }]])).toThrow('table row 0: found 1 cells, expected 2')
  })
})

it('a figure taller than the page of its preset says so', () => {
  const tall = [[{ kind: 'grid', columns: 1, images: files(2) }]]
  expect(laidOut(tall).notes).toEqual([
    'NeurIPS, text: the figure is taller than the page (found 28.0 cm, expected at most 22.86 cm with its caption)',
  ])
  expect(laidOut(tall, { page: { preset: 'neurips', share: 0.5 } }).notes).toEqual([])
  expect(laidOut(tall, { page: { width: 14 } }).notes).toEqual([])
})

it('panels have letters if there are several', () => {
  const grid = { kind: 'grid', columns: 1, images: files(1) }
  expect(texts(laidOut([[grid, grid], [grid]]))).toEqual(['(a)', '(b)', '(c)'])
  expect(texts(laidOut([[grid]]))).toEqual([])
  expect([0, 25, 26, 53].map(panelLetter)).toEqual(['(a)', '(z)', '(aa)', '(bb)'])
})
