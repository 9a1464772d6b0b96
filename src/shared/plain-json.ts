// The only parser for JSON from outside: files, frames, pasted text. Valid records nest about a dozen levels; without a
// limit, code that walks the data would overflow the stack: in the engine, in a host, or in V8 when it copies between
// processes.

/** Maximum levels of lists and objects. */
export const MAX_DEPTH = 64
/** Maximum characters of a text; a figure with 100,000 points has 4 million. */
export const MAX_JSON_LENGTH = 2 ** 26

const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
/** The bit in which `[` and `{`, and `]` and `}`, differ. */
const CURLY_BIT = 32
const OPEN = 91 | CURLY_BIT
const CLOSE = 93 | CURLY_BIT

/**
 * Parses JSON.
 * @param maxValues limit for all lists and objects together
 * @throws SyntaxError if it is not JSON, nests too deep or is too large
 */
export function parseJson(text: string, maxValues = Infinity): unknown {
  if (text.length > MAX_JSON_LENGTH)
    throw new SyntaxError(`too large (found ${text.length} characters, expected at most ${MAX_JSON_LENGTH})`)
  checkSize(text, maxValues)
  // The byte order mark that some editors write.
  return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
}

/** Counts brackets and commas outside strings. Syntax is checked by the parser. */
function checkSize(text: string, maxValues: number): void {
  let depth = 0
  let values = 1
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) i = endOfString(text, i)
    else if (code === COMMA) values++
    else if ((code | CURLY_BIT) === OPEN) {
      depth++
      values++
      if (depth > MAX_DEPTH) throw new SyntaxError(`nested too deep (expected at most ${MAX_DEPTH} levels)`)
    } else if ((code | CURLY_BIT) === CLOSE) depth--
    if (values > maxValues) throw new SyntaxError(`too many values (expected at most ${maxValues})`)
  }
}

/** Index of the closing quote; past the end if there is none. */
function endOfString(text: string, start: number): number {
  for (let end = start + 1; ; end++) {
    end = text.indexOf('"', end)
    if (end < 0) return text.length
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return end
  }
}

/**
 * Whether data that was not parsed here nests more deeply than allowed, or contains itself. Typed arrays are leaves.
 */
export function isTooDeep(value: unknown): boolean {
  // Visits each object once per level, regardless of the number of its parents.
  let level = new Set([value].filter(isNest))
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const below = new Set<object>()
    for (const nest of level) for (const item of Object.values(nest)) if (isNest(item)) below.add(item)
    if (below.size === 0) return false
    level = below
  }
  return true
}

const isNest = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer)
