// An axis: its range, the numbers at its ticks, and the position of a value on it.
import { RequestError } from '../errors.ts'
import type { Axis } from './panels.ts'

export interface Scale {
  /** 0 at the start of the axis, 1 at its end. */
  at(value: number): number
  readonly ticks: readonly { readonly value: number; readonly label: string }[]
}

/** Tick spacings, times powers of ten, and the target number of ticks. */
const NICE = [1, 2, 2.5, 5, 10]
const AIM = 5
/** Ticks of a logarithmic axis: the densest set that is not too large. */
const LOG_SETS = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]]
const MAX_LOG_TICKS = 7
/** Fraction of the data's span kept free at both ends if no range is given. */
const MARGIN = 0.04

/** @throws RequestError for an empty range, and for non-positive values on a logarithmic axis */
export function axisScale(axis: Axis, values: readonly number[]): Scale {
  const log = axis.scale === 'log'
  const least = values.reduce((a, b) => Math.min(a, b), Infinity)
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity)
  if (log && (least <= 0 || (axis.from ?? 1) <= 0))
    throw new RequestError(`axis '${axis.label}': a logarithmic axis needs positive values (found ${least})`)
  const there = (value: number): number => (log ? Math.log10(value) : value)
  const [first, last] = [there(least), there(most)]
  const margin = (last > first ? last - first : Math.abs(last) || 1) * MARGIN
  const from = axis.from === undefined ? first - margin : there(axis.from)
  const to = axis.to === undefined ? last + margin : there(axis.to)
  if (!(to > from))
    throw new RequestError(
      `axis '${axis.label}': empty range (from ${axis.from ?? least} to ${axis.to ?? most})`,
    )
  const inside = (value: number): boolean => there(value) >= from - 1e-9 && there(value) <= to + 1e-9
  const marks = (log ? logTicks(from, to) : linearTicks(from, to)).filter(inside)
  const label = numberLabels(marks)
  return {
    at: (value) => (there(value) - from) / (to - from),
    ticks: marks.map((value) => ({ value, label: label(value) })),
  }
}

function linearTicks(from: number, to: number): number[] {
  const rough = (to - from) / AIM
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * NICE.find((nice) => nice * power >= rough * 0.999)!
  const ticks: number[] = []
  // Counted in whole steps: a running sum would drift.
  for (let n = Math.ceil(from / step - 1e-9); n * step <= to + step * 1e-9; n++)
    ticks.push(Number((n * step).toPrecision(12)))
  return ticks
}

function logTicks(from: number, to: number): number[] {
  for (const set of LOG_SETS) {
    const ticks: number[] = []
    for (let power = Math.floor(from); power <= Math.ceil(to); power++)
      for (const digit of set) ticks.push(Number((digit * 10 ** power).toPrecision(12)))
    const inside = ticks.filter((tick) => Math.log10(tick) >= from - 1e-9 && Math.log10(tick) <= to + 1e-9)
    if (inside.length <= MAX_LOG_TICKS) return inside
  }
  return linearTicks(from, to).map((power) => 10 ** power)
}

/**
 * All numbers of an axis in one format: thousands as k, millions as M if all are whole multiples; a true
 * minus sign.
 */
function numberLabels(values: readonly number[]): (value: number) => string {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const [unit, sign] = largest >= 1e6 ? [1e6, 'M'] : largest >= 1e4 ? [1e3, 'k'] : [1, '']
  const digits = (value: number): number =>
    (String(Number((value / unit).toPrecision(9))).split('.')[1] ?? '').length
  const places = values.some((value) => value !== 0 && Math.abs(value) < 1e-4)
    ? -1
    : Math.max(0, ...values.map(digits))
  const spread =
    largest / values.reduce((least, v) => (v === 0 ? least : Math.min(least, Math.abs(v))), largest)
  return (value) => {
    if (places < 0) return minus(value === 0 ? '0' : value.toExponential())
    // On a logarithmic axis 0.1 and 10 each keep their own digits.
    const shown =
      spread >= 100 ? String(Number((value / unit).toPrecision(9))) : (value / unit).toFixed(places)
    return minus(value === 0 ? '0' : shown + sign)
  }
}

export const minus = (text: string): string => text.replace(/^-/, '−')
