import { expect, it } from 'vitest'
import { clipped, thinned } from '../../../src/shared/figures/panels/polyline.ts'
import { axisScale } from '../../../src/shared/figures/ticks.ts'

const labels = (values: number[], axis: object = {}) =>
  axisScale({ label: 'x', scale: 'linear', ...axis }, values).ticks.map(({ label }) => label)

it('ticks are round numbers within the range, with the same number of digits', () => {
  expect(labels([0, 1])).toEqual(['0', '0.25', '0.50', '0.75', '1.00'])
  expect(labels([25_000, 125_000])).toEqual(['25k', '50k', '75k', '100k', '125k'])
  expect(labels([-1, 1], { from: -1, to: 1 })).toEqual(['−1.0', '−0.5', '0', '0.5', '1.0'])
  expect(labels([0, 0.00005], { from: 0 })).toContain('2e-5')
})

it('logarithmic axes have decades, or 1, 2, 5 if there are only a few decades', () => {
  expect(labels([4.59, 61], { scale: 'log' })).toEqual(['5', '10', '20', '50'])
  expect(labels([0.1, 10_000], { scale: 'log', from: 0.1, to: 1000 })).toEqual([
    '0.1',
    '1',
    '10',
    '100',
    '1000',
  ])
  const { at } = axisScale({ label: 'x', scale: 'log', from: 1, to: 100 }, [1, 100])
  expect([1, 10, 100].map(at)).toEqual([0, 0.5, 1])
})

it('refuses an empty range and values without a logarithm, and reports the axis', () => {
  expect(() => labels([0, 5], { scale: 'log' })).toThrow(
    "axis 'x': a logarithmic axis needs positive values (found 0)",
  )
  expect(() => labels([0, 5], { from: 5, to: 5 })).toThrow("axis 'x': empty range (from 5 to 5)")
  expect(labels([3, 3]).length).toBeGreaterThan(1)
})

it('curves are clipped at the axes and continue where they re-enter', () => {
  const box = { left: 0, top: 0, right: 10, bottom: 10 }
  expect(
    clipped(
      [
        [-5, 5],
        [5, 5],
        [5, 15],
        [8, 15],
        [8, 5],
      ],
      box,
    ),
  ).toEqual([
    [
      [0, 5],
      [5, 5],
      [5, 10],
    ],
    [
      [8, 10],
      [8, 5],
    ],
  ])
  expect(
    clipped(
      [
        [-1, -1],
        [-2, 20],
      ],
      box,
    ),
  ).toEqual([])
  expect(
    thinned([
      [0, 0],
      [0.01, 0],
      [1, 0],
      [1.01, 0],
    ]),
  ).toEqual([
    [0, 0],
    [1, 0],
    [1.01, 0],
  ])
})
