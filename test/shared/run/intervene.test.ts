import { describe, expect, it } from 'vitest'
import { copyCells, replaceBySurroundings, replaceEntry } from '../../../src/shared/run/intervene.ts'

const grid = (of: (row: number, column: number) => number) =>
  Int32Array.from({ length: 256 }, (_, cell) => of(Math.floor(cell / 16), cell % 16))
const at = (tokens: Int32Array, row: number, column: number) => tokens[row * 16 + column]

it('replaces one entry with another without changing the original', () => {
  const before = grid((row) => row % 3)
  const after = replaceEntry(before, 1, 9)
  expect([...after]).toEqual([...before].map((token) => (token === 1 ? 9 : token)))
  expect(at(before, 1, 0)).toBe(1)
})

it('replaces only inside a region', () => {
  const left = grid((_, column) => Number(column < 8))
  const after = replaceEntry(
    grid(() => 1),
    1,
    9,
    left,
  )
  expect([...after]).toEqual([...left].map((is) => (is ? 9 : 1)))
})

describe('replacing with the surroundings', () => {
  it('a cell gets the most frequent token of its neighbors', () => {
    // Right 5, left 6, above 5, below 7 -> 5. In the corner: right 3, below 4 -> the first, 3.
    const beside: Record<string, number> = {
      '8,9': 5,
      '8,7': 6,
      '7,8': 5,
      '9,8': 7,
      '0,1': 3,
      '1,0': 4,
      '8,8': 0,
      '0,0': 0,
    }
    const after = replaceBySurroundings(
      grid((row, column) => beside[`${row},${column}`] ?? 1),
      0,
    )
    expect([at(after, 8, 8), at(after, 0, 0)]).toEqual([5, 3])
  })

  it('a patch is filled from its edge inwards, and other tokens stay', () => {
    // A 5 x 5 patch of 0 with 2 left of it and 3 right of it: each side reaches the same way in.
    const before = grid((row, column) =>
      row >= 5 && row < 10 && column >= 5 && column < 10 ? 0 : column < 7 ? 2 : 3,
    )
    const after = replaceBySurroundings(before, 0)
    expect(after.includes(0)).toBe(false)
    expect([at(after, 7, 5), at(after, 7, 6), at(after, 7, 9), at(after, 7, 8)]).toEqual([2, 2, 3, 3])
    expect(at(after, 0, 0)).toBe(2)
  })

  it('refuses a grid that contains only this entry', () => {
    expect(() =>
      replaceBySurroundings(
        grid(() => 4),
        4,
      ),
    ).toThrow('every cell has entry 4')
    expect([
      ...replaceBySurroundings(
        grid(() => 4),
        1,
      ),
    ]).toEqual([...grid(() => 4)])
  })

  it('inside a region, cells without other neighbors stay', () => {
    // Column 0 is 2, the rest 0. The region is column 1, and one cell among others of 0.
    const before = grid((_, column) => (column === 0 ? 2 : 0))
    const after = replaceBySurroundings(
      before,
      0,
      grid((row, column) => Number(column === 1 || (row === 8 && column === 8))),
    )
    expect([...after]).toEqual([...grid((_, column) => (column <= 1 ? 2 : 0))])
  })
})

describe('copying a region', () => {
  const [target, source] = [grid(() => 0), grid((row, column) => 100 + row * 16 + column)]

  it('copies to the same place and to another', () => {
    const region = grid((row, column) => Number(row >= 2 && row < 4 && column >= 3 && column < 7))
    const same = copyCells(target, source, region)
    const moved = copyCells(target, source, region, { rows: 12, columns: 9 })
    for (let row = 0; row < 16; row++)
      for (let column = 0; column < 16; column++) {
        const inSame = row >= 2 && row < 4 && column >= 3 && column < 7
        const inMoved = row >= 14 && column >= 12
        expect(at(same, row, column)).toBe(inSame ? 100 + row * 16 + column : 0)
        expect(at(moved, row, column)).toBe(inMoved ? 100 + (row - 12) * 16 + column - 9 : 0)
      }
  })

  it.each([
    [{ rows: 13, columns: 0 }],
    [{ rows: -3, columns: 0 }],
    [{ rows: 0, columns: 10 }],
    [{ rows: 0, columns: -4 }],
  ])('refuses the shift %j, which leaves the grid', (shift) => {
    const region = grid(
      (row, column) => Number(row === 2 && column === 3) + Number(row === 3 && column === 6),
    )
    expect(() => copyCells(target, source, region, shift)).toThrow('outside the 16 x 16 grid')
  })

  it('refuses an empty region', () => {
    expect(() =>
      copyCells(
        target,
        source,
        grid(() => 0),
      ),
    ).toThrow('the region to copy is empty')
  })
})
