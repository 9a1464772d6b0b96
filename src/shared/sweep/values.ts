// `0.7-1.3 (+0.1)`, `50-400 [8]`, `1, 2, ..., 10` -> the values of an axis, in a mini-language for grids.

/** The values an axis accepts. */
export interface ValueKind {
  readonly whole: boolean
  readonly least: number
  readonly most: number
}

/** More values on one axis are probably a typo. */
const MOST_VALUES = 10_000
/** Significant decimals of a sum of fractions: 0.7 + 3 * 0.1 is 1. */
const MOST_DIGITS = 12

const NUMBER = String.raw`-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?`
const RANGE = new RegExp(
  String.raw`^(${NUMBER})\s*-\s*(${NUMBER})(?:\s*\(\+(${NUMBER})\)|\s*\[(\d+)\])?$`,
  'i',
)

/**
 * Parts are separated by commas; each is a number, `a-b` (whole steps of 1), `a-b (+step)`, `a-b [count]`
 * (evenly spaced, both ends included) or `...` between numbers, which continues with the step of the two
 * before it. Values keep their order, without duplicates. Throws Error naming the part that is invalid or out
 * of range.
 */
export function parseValues(text: string, kind: ValueKind): number[] {
  const parts = text.split(',').map((part) => part.trim())
  const values: number[] = []
  for (let at = 0; at < parts.length; at++) {
    if (parts[at] === '...') values.push(...ellipsis(values, parts[++at], kind))
    else values.push(...partValues(parts[at]!, kind))
    if (values.length > MOST_VALUES) throw new Error(`'${text}': too many values (maximum ${MOST_VALUES})`)
  }
  for (const value of values) checkValue(value, kind)
  return [...new Set(values)]
}

function partValues(part: string, { whole }: ValueKind): number[] {
  const range = RANGE.exec(part)
  if (!range) return [numberOf(part)]
  const [, low = '', high = '', step, count] = range
  const [first, last] = [Number(low), Number(high)]
  if (last < first) throw new Error(`'${part}': range is reversed`)
  if (count !== undefined) return spaced(first, last, Number(count), whole, part)
  if (step === undefined && !(Number.isInteger(first) && Number.isInteger(last)))
    throw new Error(
      `'${part}': fractional ranges need a step or a count: ${low}-${high} (+0.1) or ${low}-${high} [5]`,
    )
  return stepped(first, last, Number(step ?? 1), part)
}

function stepped(first: number, last: number, step: number, part: string): number[] {
  if (!(step > 0)) throw new Error(`'${part}': step must be positive`)
  // The end is included although sums of fractions may fall short of it.
  const count = Math.floor((last - first) / step + 1e-9) + 1
  if (count > MOST_VALUES) throw new Error(`'${part}': too many values (maximum ${MOST_VALUES})`)
  return Array.from({ length: count }, (_, i) => decimal(first + i * step))
}

function spaced(first: number, last: number, count: number, whole: boolean, part: string): number[] {
  if (count < 2) throw new Error(`'${part}': a range needs at least 2 values`)
  if (count > MOST_VALUES) throw new Error(`'${part}': too many values (maximum ${MOST_VALUES})`)
  const step = (last - first) / (count - 1)
  return Array.from({ length: count }, (_, i) => {
    const value = i === count - 1 ? last : decimal(first + i * step)
    return whole ? Math.round(value) : value
  })
}

/** The values that `a, b, ..., c` leaves out, and c. */
function ellipsis(before: readonly number[], end: string | undefined, { whole }: ValueKind): number[] {
  const [a, b] = before.slice(-2)
  if (b === undefined || end === undefined)
    throw new Error("'...' needs two numbers before it and one after it")
  const [last, step] = [numberOf(end), decimal(b - a!)]
  const count = Math.round((last - b) / step)
  if (!(count >= 1) || Math.abs(b + count * step - last) > 1e-9 * Math.abs(step))
    throw new Error(`'${a}, ${b}, ..., ${end}': steps of ${step} do not reach ${end}`)
  if (count > MOST_VALUES) throw new Error(`'..., ${end}': too many values (maximum ${MOST_VALUES})`)
  return Array.from({ length: count }, (_, i) => {
    const value = decimal(b + (i + 1) * step)
    return whole ? Math.round(value) : value
  })
}

function numberOf(text: string): number {
  const value = text === '' ? NaN : Number(text)
  if (!Number.isFinite(value)) throw new Error(`'${text}' is not a number`)
  return value
}

function checkValue(value: number, { whole, least, most }: ValueKind): void {
  if (whole && !Number.isInteger(value)) throw new Error(`${value} is not a whole number`)
  if (value < least || value > most)
    throw new Error(`${value} is out of range (expected ${least} to ${most})`)
}

const decimal = (value: number) => Number(value.toFixed(MOST_DIGITS))
