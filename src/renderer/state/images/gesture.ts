// Pointer on a grid -> cells: what a press, a drag and its keys mean, before anything is pinned.
import { joined, line, rectangle, type CellMask, type JoinMode } from './cells.ts'

/** `rectangle`: a click looks, a drag takes a rectangle. `brush`: whatever the pointer passes is added. */
export type Tool = 'rectangle' | 'brush'

export interface Gesture {
  readonly tool: Tool
  readonly mode: JoinMode
  readonly start: number
  readonly last: number
  /** The cells it has taken so far. */
  readonly cells: CellMask
  /** False for a click that asks for nothing but a look. */
  readonly takes: boolean
}

/** Shift adds, Alt removes; without either a rectangle takes the place of all pins, and the brush adds. */
export function beginGesture(
  tool: Tool,
  cell: number,
  keys: { shiftKey: boolean; altKey: boolean },
): Gesture {
  const mode = keys.altKey ? 'remove' : keys.shiftKey || tool === 'brush' ? 'add' : 'set'
  return {
    tool,
    mode,
    start: cell,
    last: cell,
    cells: rectangle(cell, cell),
    takes: mode !== 'set',
  }
}

export function extendGesture(gesture: Gesture, cell: number): Gesture {
  if (cell === gesture.last) return gesture
  const cells =
    gesture.tool === 'brush'
      ? joined(gesture.cells, line(gesture.last, cell), 'add')
      : rectangle(gesture.start, cell)
  return { ...gesture, last: cell, cells, takes: true }
}

/** The pins as they are if the gesture ended now. */
export const appliedGesture = ({ cells, mode, takes }: Gesture, pinned: CellMask): CellMask =>
  takes ? joined(pinned, cells, mode) : pinned
