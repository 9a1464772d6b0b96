import { expect, it } from 'vitest'
import { resultColumn, settingColumn } from '../../../../src/renderer/state/app/column-numbers.ts'

const column = (of: typeof resultColumn, values: readonly number[]) => values.map(of(values))

it('settings keep their digits and align', () => {
  expect(column(settingColumn, [0.7, 1, 1.25])).toEqual(['0.70', '1.00', '1.25'])
  expect(column(settingColumn, [50, 400])).toEqual(['50', '400'])
})

it('results have the digits of the largest', () => {
  expect(column(resultColumn, [0.938, 1])).toEqual(['0.938', '1.000'])
  expect(column(resultColumn, [0.5, 0.25])).toEqual(['0.500', '0.250'])
  expect(column(resultColumn, [4.1, 12.345])).toEqual(['4.10', '12.35'])
  expect(column(resultColumn, [0.00123, -0.0125])).toEqual(['0.0012', '−0.0125'])
  expect(column(resultColumn, [151.27, 9])).toEqual(['151.3', '9.0'])
  expect(column(resultColumn, [1, 0])).toEqual(['1.000', '0.000'])
  expect(column(resultColumn, [])).toEqual([])
})
