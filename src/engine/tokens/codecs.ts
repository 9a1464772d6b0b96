// fairseq `.codecs` text <-> token ids: one sample per line, decimal ids in raster order, no header, no specials.
import { DIGIT_GRID } from '../../shared/grid/layout.ts'
import { headOf, knownContent, textDecoder, writeFileAtomic, type Source } from '../bytes/index.ts'
import { FormatError } from '../../shared/errors.ts'

/** A line of 256 ids takes 1.5 kB; this allows much longer sequences, but not a file without lines. */
export const MAX_LINE_BYTES = 2 ** 20

/** Larger ids fit neither a vocabulary nor an Int32Array. */
const MAX_ID = 2 ** 31 - 1

const BLOCK_BYTES = 2 ** 18

export interface CodecsSample {
  /** Line number, from 1. */
  readonly line: number
  /** Dictionary symbols, 0 to K - 1 (the model's index of one is id + 5). */
  readonly ids: Int32Array
}

export interface CodecsOptions {
  /** Ids per sample. @default 256 */
  readonly length?: number
  /** K: if given, larger ids are refused. */
  readonly vocabulary?: number
  /** Added to the length that an error expects: what to do about another one. */
  readonly otherwise?: string
}

/**
 * The samples of a `.codecs` file in order, read a block at a time.
 * @throws FormatError naming the line: another number of ids, not an id, an id outside the vocabulary
 */
export async function* readCodecs(source: Source, options: CodecsOptions = {}): AsyncGenerator<CodecsSample> {
  for await (const { line, text } of textLines(source))
    yield { line, ids: parseIds(text, `${source.name}, line ${line}`, options) }
}

/** Ids separated by blanks. A longer line is of another generator, or damaged: a part of it means nothing. */
export function parseIds(
  text: string,
  place: string,
  { length = DIGIT_GRID.cells, vocabulary = MAX_ID + 1, otherwise = '' }: CodecsOptions = {},
): Int32Array {
  const words = text.trim().split(/[ \t]+/)
  const found = words[0] === '' ? 0 : words.length
  if (found !== length)
    throw new FormatError(place, `wrong number of tokens (found ${found}, expected ${length}${otherwise})`)
  return Int32Array.from(words, (word, i) => {
    const id = decimal(word)
    if (Number.isNaN(id))
      throw new FormatError(place, `token ${i + 1}: not an id (found '${word.slice(0, 20)}')`)
    if (id >= vocabulary)
      throw new FormatError(
        place,
        `token ${i + 1}: out of range (found ${id}, vocabulary size ${vocabulary})`,
      )
    return id
  })
}

/** Writes samples one by one; the file gets its name only when complete. */
export async function writeCodecs(
  path: string,
  samples: Iterable<ArrayLike<number>> | AsyncIterable<ArrayLike<number>>,
): Promise<void> {
  await writeFileAtomic(path, codecsBlocks(samples))
}

async function* codecsBlocks(
  samples: Iterable<ArrayLike<number>> | AsyncIterable<ArrayLike<number>>,
): AsyncGenerator<Uint8Array> {
  let text = ''
  for await (const ids of samples) {
    text += `${codecsLine(ids)}\n`
    if (text.length < BLOCK_BYTES) continue
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(text)
}

/** One sample as a line, without line end. */
export function codecsLine(ids: ArrayLike<number>): string {
  return Array.from(ids, (id, i) => {
    if (!Number.isInteger(id) || id < 0 || id > MAX_ID)
      throw new RangeError(`token ${i + 1}: not an id (found ${id})`)
    return id
  }).join(' ')
}

/** The value of plain decimal digits, NaN for anything else (signs, exponents, `<unk>`, beyond MAX_ID). */
function decimal(word: string): number {
  if (word.length > 10) return NaN
  let value = 0
  for (let i = 0; i < word.length; i++) {
    const digit = word.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return NaN
    value = value * 10 + digit
  }
  return value <= MAX_ID ? value : NaN
}

/**
 * Lines without their `\n`; the last `\n` is optional and starts no further line. ASCII, or what a byte order mark says.
 * Throws FormatError for a file that is known to be something else.
 */
export async function* textLines(source: Source): AsyncGenerator<{ line: number; text: string }> {
  const head = await headOf(source)
  const known = source.size === 0 ? undefined : knownContent(head, source.size)
  if (known !== undefined) throw new FormatError(source.name, `not a text of tokens (found ${known})`)
  const decoder = textDecoder(head, 'latin1')
  let line = 1
  let rest = ''
  for (let at = 0; at < source.size; at += BLOCK_BYTES) {
    const block = await source.read(at, Math.min(at + BLOCK_BYTES, source.size))
    const lines = (rest + decoder.decode(block, { stream: true })).split('\n')
    rest = lines.pop()!
    for (const text of lines) yield { line: line++, text }
    if (rest.length > MAX_LINE_BYTES)
      throw new FormatError(`${source.name}, line ${line}`, `line too long (maximum ${MAX_LINE_BYTES} bytes)`)
  }
  if (rest !== '') yield { line, text: rest }
}
