// Sets of cells: rectangles, lines, joins, borders; and gestures that make them.
import { columnOf, rowOf } from '../../../../src/shared/grid/shape.ts'
import { DIGIT_GRID } from '../../../../src/shared/grid/layout.ts'
import { describe, expect, it } from 'vitest'
import {
  allCells,
  cellsBefore,
  cellsWhere,
  countOf,
  inverted,
  joined,
  line,
  noCells,
  outline,
  rectangle,
  sameRow,
  sameToken,
  squares,
  type CellMask,
} from '../../../../src/renderer/state/images/cells.ts'
import { appliedGesture, beginGesture, extendGesture } from '../../../../src/renderer/state/images/gesture.ts'

const at = (row: number, column: number) => row * 16 + column
const listed = (mask: CellMask) => [...mask.keys()].filter((cell) => mask[cell])
const none = { shiftKey: false, altKey: false }

describe('sets of cells', () => {
  it('rectangles include both corners, in either order', () => {
    const expected = [at(2, 3), at(2, 4), at(3, 3), at(3, 4)]
    expect(listed(rectangle(DIGIT_GRID, at(2, 3), at(3, 4)))).toEqual(expected)
    expect(listed(rectangle(DIGIT_GRID, at(3, 3), at(2, 4)))).toEqual(expected)
  })
  it('lines leave no gap', () => {
    for (const [from, to] of [
      [at(0, 0), at(15, 3)],
      [at(9, 14), at(2, 0)],
      [at(5, 5), at(5, 5)],
    ] as const) {
      const cells = listed(line(DIGIT_GRID, from, to))
      expect(cells).toContain(from)
      expect(cells).toContain(to)
      expect(countOf(line(DIGIT_GRID, from, to))).toBe(
        Math.max(
          Math.abs(rowOf(to, DIGIT_GRID) - rowOf(from, DIGIT_GRID)),
          Math.abs(columnOf(to, DIGIT_GRID) - columnOf(from, DIGIT_GRID)),
        ) + 1,
      )
    }
  })
  it('sets select a row, the cells before, the same token', () => {
    expect(listed(sameRow(DIGIT_GRID, at(4, 9)))).toEqual(Array.from({ length: 16 }, (_, i) => at(4, i)))
    expect(countOf(cellsBefore(DIGIT_GRID, at(1, 2)))).toBe(18)
    const tokens = Int32Array.from({ length: 256 }, (_, i) => i % 100)
    expect(listed(sameToken(tokens, 105))).toEqual([5, 105, 205])
  })
  it('sets are combined and inverted', () => {
    const a = rectangle(DIGIT_GRID, 0, 3)
    expect(listed(joined(a, rectangle(DIGIT_GRID, 2, 5), 'add'))).toEqual([0, 1, 2, 3, 4, 5])
    expect(listed(joined(a, rectangle(DIGIT_GRID, 2, 5), 'remove'))).toEqual([0, 1])
    expect(listed(joined(a, rectangle(DIGIT_GRID, 2, 5), 'set'))).toEqual([2, 3, 4, 5])
    expect(countOf(inverted(a))).toBe(252)
  })
  it('paths join neighboring cells of a row into one square', () => {
    expect(squares(rectangle(DIGIT_GRID, at(1, 14), at(2, 15)))).toBe('M14 1h2v1h-2zM14 2h2v1h-2z')
    expect(squares(line(DIGIT_GRID, at(0, 15), at(1, 0)))).toMatch(/^M\d+ 0h\d+v1/)
    expect(squares(cellsWhere(DIGIT_GRID, (cell) => cell === 15 || cell === 16))).toBe(
      'M15 0h1v1h-1zM0 1h1v1h-1z',
    )
  })
  it('the border has the right number of edges', () => {
    const edges = (mask: CellMask) => (outline(mask).match(/M/g) ?? []).length
    expect(edges(rectangle(DIGIT_GRID, at(4, 4), at(5, 6)))).toBe(10)
    expect(
      edges(
        cellsWhere(DIGIT_GRID, (cell) => (rowOf(cell, DIGIT_GRID) + columnOf(cell, DIGIT_GRID)) % 2 === 0),
      ),
    ).toBe(128 * 4)
    expect([outline(noCells(DIGIT_GRID)), outline(allCells(DIGIT_GRID))]).toEqual(['', ''])
  })
})

describe('a gesture', () => {
  const pins = rectangle(DIGIT_GRID, at(0, 0), at(0, 3))
  it('a click selects a cell and pins nothing', () => {
    expect(appliedGesture(beginGesture(DIGIT_GRID, 'rectangle', 9, none), pins)).toBe(pins)
  })
  it('a drag replaces the pins with a rectangle', () => {
    const gesture = extendGesture(beginGesture(DIGIT_GRID, 'rectangle', at(3, 3), none), at(4, 4))
    expect(listed(appliedGesture(gesture, pins))).toEqual([at(3, 3), at(3, 4), at(4, 3), at(4, 4)])
  })
  it('Shift adds, Alt removes', () => {
    const shift = beginGesture(DIGIT_GRID, 'rectangle', at(3, 3), { shiftKey: true, altKey: false })
    expect(listed(appliedGesture(shift, pins))).toEqual([0, 1, 2, 3, at(3, 3)])
    const alt = extendGesture(beginGesture(DIGIT_GRID, 'rectangle', 1, { shiftKey: false, altKey: true }), 2)
    expect(listed(appliedGesture(alt, pins))).toEqual([0, 3])
  })
  it('the brush adds every cell it passes', () => {
    const gesture = extendGesture(
      extendGesture(beginGesture(DIGIT_GRID, 'brush', at(2, 2), none), at(2, 5)),
      at(4, 5),
    )
    const cells = [at(2, 2), at(2, 3), at(2, 4), at(2, 5), at(3, 5), at(4, 5)]
    expect(listed(appliedGesture(gesture, noCells(DIGIT_GRID)))).toEqual(cells)
  })
})
