// Numbers of one column, written so that they can be compared at a glance.
import { countWords, fixed } from './words.ts'

const MOST_DIGITS = 6

/** Settings padded to the largest number of decimals among them: 0.7, 1.0. */
export function settingColumn(values: readonly number[]): (value: number) => string {
  const digits = Math.max(0, ...values.map((value) => (String(value).split('.')[1] ?? '').length))
  return (value) => (digits === 0 ? countWords(value) : fixed(value, Math.min(digits, MOST_DIGITS)))
}

/** Results with as many decimals as give four digits for the largest (three for fractions below 1). */
export function resultColumn(values: readonly number[]): (value: number) => string {
  const largest = Math.max(0, ...values.map(Math.abs))
  if (values.every(Number.isInteger)) return largest <= 1 ? (value) => fixed(value, 3) : countWords
  const order = Math.floor(Math.log10(largest))
  const digits = order < 0 ? 2 - order : 3 - order
  return (value) => fixed(value, Math.min(MOST_DIGITS, Math.max(0, digits)))
}
