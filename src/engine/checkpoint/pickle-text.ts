// Text and integers in pickles, in binary and in the text forms of protocol 0.
import type { Cursor } from '../bytes/cursor.ts'

/** A reader that reports its position in errors. */
export interface TextContext {
  readonly cursor: Cursor
  fail(problem: string): Error
}

/** Digits of a number written as text: LONG4's limit of 1024 bytes has 2467. */
const MAX_DIGITS = 2500

const SPECIAL_FLOATS: ReadonlyMap<string, number> = new Map([
  ['inf', Infinity],
  ['-inf', -Infinity],
  ['nan', NaN],
])

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
])

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function decodeText(context: TextContext, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw context.fail('text is not UTF-8')
  }
}

/** Python 2 strings: text in practice, bytes in principle. */
export function decodeByteText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return Buffer.from(bytes).toString('latin1')
  }
}

/** A line short enough to be a number. */
export function readDigits(context: TextContext): string {
  const line = context.cursor.line()
  if (line.length > MAX_DIGITS)
    throw context.fail(`too many digits (found ${line.length}, maximum ${MAX_DIGITS})`)
  return Buffer.from(line).toString('latin1').trim()
}

export function parseInteger(context: TextContext, digits: string): number | bigint {
  if (!/^[-+]?\d+$/.test(digits)) throw context.fail('not an integer')
  const value = Number(digits)
  return Number.isSafeInteger(value) ? value : BigInt(digits.replace(/^\+/, ''))
}

export function parseFloatText(context: TextContext, digits: string): number {
  const special = SPECIAL_FLOATS.get(digits)
  if (special === undefined && !/^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(digits))
    throw context.fail('not a number')
  return special ?? Number(digits)
}

/** Two's complement, little-endian; a number where it is exact. */
export function decodeLong(bytes: Uint8Array): number | bigint {
  if (bytes.length === 0) return 0
  const hex = Buffer.from(bytes).reverse().toString('hex')
  const value = BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`))
  const short = Number(value)
  return Number.isSafeInteger(short) ? short : value
}

/** repr() of a Python 2 string: quotes around it and backslash escapes inside. */
export function parseQuoted(context: TextContext, bytes: Uint8Array): string {
  const line = Buffer.from(bytes).toString('latin1')
  const quote = line[0]
  if (line.length < 2 || (quote !== "'" && quote !== '"') || line.at(-1) !== quote)
    throw context.fail('string without quotes')
  return line
    .slice(1, -1)
    .replace(/\\(x[0-9a-fA-F]{2}|.)/g, (whole, escape: string) =>
      escape.length === 3
        ? String.fromCharCode(parseInt(escape.slice(1), 16))
        : (ESCAPES.get(escape) ?? whole),
    )
}

/** Latin-1 with \uXXXX and \UXXXXXXXX, as protocol 0 writes text. */
export function parseRawUnicode(context: TextContext, bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short?: string, wide?: string) => {
      const code = parseInt(short ?? wide!, 16)
      if (code > 0x10ffff) throw context.fail(`character ${code}`)
      return String.fromCodePoint(code)
    })
}
