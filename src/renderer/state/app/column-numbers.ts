// Numbers of one column, written so that they can be compared at a glance.
import { countWords, fixed } from './words.ts'

const MOST_DIGITS = 6

/** Settings as they were typed, filled up to the most digits behind the point that one of them has: 0.7, 1.0. */
export function settingColumn(values: readonly number[]): (value: number) => string {
  const digits = Math.max(0, ...values.map((value) => (String(value).split('.')[1] ?? '').length))
  return (value) => (digits === 0 ? countWords(value) : fixed(value, Math.min(digits, MOST_DIGITS)))
}

/** Results with as many digits behind the point as show four of the largest (three of shares below 1). */
export function resultColumn(values: readonly number[]): (value: number) => string {
  const largest = Math.max(0, ...values.map(Math.abs))
  if (values.every(Number.isInteger)) return largest <= 1 ? (value) => fixed(value, 3) : countWords
  const order = Math.floor(Math.log10(largest))
  const digits = order < 0 ? 2 - order : 3 - order
  return (value) => fixed(value, Math.min(MOST_DIGITS, Math.max(0, digits)))
}
