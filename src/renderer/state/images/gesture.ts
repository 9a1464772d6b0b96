// Pointer on a grid -> cells: interprets a press, a drag and modifier keys, before anything is pinned.
import type { GridShape } from '../../../shared/grid/shape.ts'
import { joined, line, rectangle, type CellMask, type JoinMode } from './cells.ts'

/** `rectangle`: a click selects a cell, a drag takes a rectangle. `brush`: adds every cell the pointer passes. */
export type Tool = 'rectangle' | 'brush'

export interface Gesture {
  readonly grid: GridShape
  readonly tool: Tool
  readonly mode: JoinMode
  readonly start: number
  readonly last: number
  /** The cells taken so far. */
  readonly cells: CellMask
  /** False for a click that only selects a cell. */
  readonly takes: boolean
}

/** Shift adds, Alt removes; without either, a rectangle replaces all pins, and the brush adds. */
export function beginGesture(
  grid: GridShape,
  tool: Tool,
  cell: number,
  keys: { shiftKey: boolean; altKey: boolean },
): Gesture {
  const mode = keys.altKey ? 'remove' : keys.shiftKey || tool === 'brush' ? 'add' : 'set'
  return {
    grid,
    tool,
    mode,
    start: cell,
    last: cell,
    cells: rectangle(grid, cell, cell),
    takes: mode !== 'set',
  }
}

export function extendGesture(gesture: Gesture, cell: number): Gesture {
  if (cell === gesture.last) return gesture
  const cells =
    gesture.tool === 'brush'
      ? joined(gesture.cells, line(gesture.grid, gesture.last, cell), 'add')
      : rectangle(gesture.grid, gesture.start, cell)
  return { ...gesture, last: cell, cells, takes: true }
}

/** The pins if the gesture ended now. */
export const appliedGesture = ({ cells, mode, takes }: Gesture, pinned: CellMask): CellMask =>
  takes ? joined(pinned, cells, mode) : pinned
