import { expect, it } from 'vitest'
import { legendOf } from '../../../../src/renderer/state/clusters/token-labels.ts'

const names = new Map([
  [7, 'hair'],
  [2, 'eye'],
  [9, 'mouth'],
])

it('a legend lists named tokens by their first cell, with their cells', () => {
  expect(legendOf([5, 7, 7, 2, 5, 7, -1, -1], names)).toEqual([
    { token: 7, name: 'hair', count: 3 },
    { token: 2, name: 'eye', count: 1 },
  ])
  expect(legendOf([-1, -1], names)).toEqual([])
})
