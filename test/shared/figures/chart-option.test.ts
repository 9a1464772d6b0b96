// What ECharts is told to draw: nothing that is asked for lies outside its axes.
import { expect, test } from 'vitest'
import { chartOption, type ChartParts } from '../../../src/shared/figures/chart-option.ts'

const colours = { ink: '#000', soft: '#666', rule: '#ccc', surface: '#fff', font: 'sans-serif' }
const parts = (changes: Partial<ChartParts>): ChartParts => ({
  curves: [{ label: 'top-1', protocol: '', points: [{ x: 1, y: 100, run: 'a', error: 2 }] }],
  x: { label: 'Layer' },
  y: { label: 'Top-1' },
  published: [],
  logs: [],
  chosen: {},
  colours,
  ...changes,
})
const seriesOf = (changes: Partial<ChartParts>) =>
  chartOption(parts(changes)).series as { type: string; data: unknown[] }[]

test('an invisible point extends the axis to a published level', () => {
  const lines = seriesOf({ published: [{ label: 'DiGIT 732M', y: 80.3 }] }).filter(
    ({ type }) => type === 'line',
  )
  expect(lines.at(-1)!.data).toEqual([[1, 80.3]])
  // Without a curve there is no place for it.
  expect(seriesOf({ curves: [], published: [{ label: 'a', y: 1 }] })[0]!.data).toEqual([])
})

test('an error bar extends one error below and above the value', () => {
  const [bar] = seriesOf({}).filter(({ type }) => type === 'custom')
  expect(bar!.data).toEqual([[1, 98, 102]])
})

test('the label of a level is where the points leave room', () => {
  const positions = (published: ChartParts['published'], points: readonly (readonly [number, number])[]) => {
    const curves = [{ label: 'FD', protocol: '', points: points.map(([x, y]) => ({ x, y, run: `${x}` })) }]
    const lines = seriesOf({ curves, published }).filter(({ type }) => type === 'line')
    const { data } = (lines.at(-1) as unknown as { markLine: { data: { label: { position: string } }[] } })
      .markLine
    return data.map(({ label }) => label.position)
  }
  const floor = { label: 'Real images', y: 10 }
  // Falls to the floor at its end, rises from it at its start, and below a level above all points.
  expect(
    positions(
      [floor],
      [
        [0, 90],
        [1, 50],
        [2, 11],
      ],
    ),
  ).toEqual(['insideStartTop'])
  expect(
    positions(
      [floor],
      [
        [0, 11],
        [1, 50],
        [2, 90],
      ],
    ),
  ).toEqual(['insideEndTop'])
  expect(
    positions(
      [{ label: 'GAN', y: 99 }],
      [
        [0, 90],
        [1, 50],
        [2, 11],
      ],
    ),
  ).toEqual(['insideEndBottom'])
})

test('an axis ends at the largest value there can be when values are near it', () => {
  const [axis] = chartOption(parts({ y: { label: 'Top-1', most: 100 } })).yAxis as {
    max: (extent: { max: number }) => number | null
  }[]
  expect([97, 100, 60].map((max) => axis!.max({ max }))).toEqual([100, 100, null])
})
