// The influence of every position of the model's input on one token: how much its log-probability drops when the position
// is masked. Measured in pieces, the most attended positions first, until it is complete or stopped.
import { shallowRef } from 'vue'
import type { CellAttention } from '../../../shared/run/attention.ts'
import { calls } from '../app/calls.ts'
import { keyOf, largest, weightsAt, type AskedCell } from './why.ts'

export interface Influence {
  readonly key: string
  /** Log-probability of the token minus its log-probability without the position, in nats; NaN if not measured. */
  readonly changes: Float32Array
  readonly done: number
  readonly total: number
  readonly going: boolean
  readonly problem?: string
}

/** Complete and stopped measurements: 2 kB each. */
const KEPT = 64
const known = new Map<string, Influence>()
export const influence = shallowRef<Influence>()
let turn = 0

/** Shows what was measured for the cell before; stops another cell's measurement. */
export function showInfluence(cell: AskedCell): void {
  const key = keyOf(cell)
  if (influence.value?.key === key) return
  stopInfluence()
  influence.value = known.get(key)
}

/** Measures the positions that are missing. */
export async function measureInfluence(cell: AskedCell, attention: CellAttention): Promise<void> {
  const mine = ++turn
  const key = keyOf(cell)
  const positions = measurable(attention)
  const before = known.get(key)
  const changes = before ? before.changes.slice() : new Float32Array(attention.input.positions).fill(NaN)
  let left = positions.filter((position) => Number.isNaN(changes[position]!))
  const show = (going: boolean, problem?: string) => {
    const [done, total] = [positions.length - left.length, positions.length]
    const now = {
      key,
      changes: changes.slice(),
      done,
      total,
      going,
      ...(problem === undefined ? {} : { problem }),
    }
    remember({ ...now, going: false })
    if (turn === mine) influence.value = now
  }
  show(left.length > 0)
  try {
    while (left.length > 0 && turn === mine) {
      const { run, image, grid } = cell
      const found = await calls().readMasked(run, image, grid, cell.cell, left)
      found.forEach((value, i) => (changes[left[i]!] = attention.logProbability - value))
      left = left.slice(found.length)
      show(left.length > 0)
    }
  } catch (error) {
    show(false, error instanceof Error ? error.message : String(error))
  }
}

/** Stops the measurement; what was measured is kept. */
export function stopInfluence(): void {
  turn++
  if (influence.value?.going) influence.value = { ...influence.value, going: false }
}

/** The positions that can be masked, the most attended first. */
export function measurable(attention: CellAttention): number[] {
  const { input } = attention
  const { prefix, positions, masked } = input
  if (positions === 1) return []
  const isMasked = (position: number) => position > prefix && masked?.[position - prefix - 1] === 1
  return largest(
    weightsAt(attention, 'mean', 'mean').map((share) => share + 1e-9),
    positions,
  ).filter((position) => !isMasked(position))
}

function remember(measured: Influence): void {
  known.delete(measured.key)
  known.set(measured.key, measured)
  for (const old of known.keys()) {
    if (known.size <= KEPT) return
    known.delete(old)
  }
}
