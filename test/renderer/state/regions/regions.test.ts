import { expect, it } from 'vitest'
import { borders, clusterAreas, regionsOf } from '../../../../src/renderer/state/regions/regions.ts'

/** 16 x 16 of 0 with other tokens at some cells, by row and column. */
function grid(others: readonly [row: number, column: number, token: number][]): Int32Array {
  const tokens = new Int32Array(256)
  for (const [row, column, token] of others) tokens[row * 16 + column] = token
  return tokens
}

it('neighbors with the same token form a region; corners do not connect', () => {
  const tokens = grid([
    [0, 0, 5],
    [1, 1, 5],
    [1, 2, 5],
    [2, 2, 5],
    [15, 15, 9],
  ])
  const regions = regionsOf(tokens)
  expect(regions.map(({ token, cells }) => [token, cells.length])).toEqual([
    [5, 1],
    [0, 251],
    [5, 3],
    [9, 1],
  ])
  expect(regions[2]!.cells).toEqual([17, 18, 34])
  expect(regions.flatMap(({ cells }) => cells).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 256 }, (_, i) => i),
  )
})

it('a ring is one region, and its inside another', () => {
  const ring = [
    [4, 4],
    [4, 5],
    [4, 6],
    [5, 4],
    [5, 6],
    [6, 4],
    [6, 5],
    [6, 6],
  ] as const
  const regions = regionsOf(grid(ring.map(([row, column]) => [row, column, 3])))
  expect(regions.map(({ token, cells }) => [token, cells.length])).toEqual([
    [0, 247],
    [3, 8],
    [0, 1],
  ])
})

it('clusters are listed by total area', () => {
  const tokens = grid([
    [0, 0, 5],
    [8, 8, 5],
    [8, 9, 5],
    [15, 15, 9],
    [15, 14, 9],
    [14, 15, 9],
    [0, 15, 2],
  ])
  expect(clusterAreas(tokens).map(({ token, cells, regions }) => [token, cells.length, regions])).toEqual([
    [0, 249, 1],
    [5, 3, 2],
    [9, 3, 1],
    [2, 1, 1],
  ])
})

it('borders separate only different tokens, or surround every cell', () => {
  expect(borders(grid([]), true)).toBe('')
  // One cell: two horizontal and two vertical lines of length 1.
  const one = borders(grid([[3, 7, 1]]), true)
  expect(one.match(/M\d+ \d+[hv]\d+/g)!.sort()).toEqual(['M7 3h1', 'M7 3v1', 'M7 4h1', 'M8 3v1'].sort())
  // Upper half and lower half: one line.
  expect(
    borders(
      Int32Array.from({ length: 256 }, (_, i) => Number(i < 128)),
      true,
    ),
  ).toBe('M0 8h16')
  const all = borders(grid([]), false).match(/M\d+ \d+[hv]\d+/g)!
  expect(all).toHaveLength(30)
  expect(all.every((line) => line.endsWith('16'))).toBe(true)
})
