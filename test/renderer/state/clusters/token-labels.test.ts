import { expect, it } from 'vitest'
import { legendOf } from '../../../../src/renderer/state/clusters/token-labels.ts'

const names = new Map([
  [7, 'hair'],
  [2, 'eye'],
  [9, 'mouth'],
  [8, 'hair'],
])

it('a legend lists names by their first cell, with the cells of all their tokens', () => {
  expect(legendOf([5, 8, 7, 2, 5, 7, -1, -1], names)).toEqual([
    { token: 7, name: 'hair', count: 3, tokens: 2 },
    { token: 2, name: 'eye', count: 1, tokens: 1 },
  ])
  expect(legendOf([-1, -1], names)).toEqual([])
})
