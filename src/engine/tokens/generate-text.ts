// fairseq's `generate-*.txt` <-> token grids with log-probabilities: tab-separated lines S-id, H-id, D-id, P-id, ...
// Source: fairseq_cli/generate.py. Scores are base 2; P has one entry per token and one more for the end of sentence.
import { DIGIT_GRID } from '../../shared/grid/layout.ts'
import { FormatError } from '../../shared/errors.ts'
import { contentOf, textDecoder, writeFileAtomic, type Source } from '../bytes/index.ts'
import { codecsLine, parseIds, textLines, type CodecsOptions } from './codecs.ts'

export interface GeneratedSample {
  /** The number after the letter, `H-17`; repeated if several files were joined. */
  readonly id: number
  readonly tokens: Int32Array
  /** Natural log of each token's probability; absent without a P line. */
  readonly logProbabilities?: Float32Array
}

/** `D-17<tab>score<tab>tokens`; only the first of several consecutive hypotheses of a sample is used. */
const LINE = /^([HDP])-(\d+)\t(.*)$/

/**
 * The samples in the order of their ids; all other lines (S-, I-, E-, messages) are skipped. Tokens are those of D, or
 * of H if there is no D. An id that is repeated after other ids is another sample, because joined shards use the same
 * ids; the samples of the first shard come first.
 * @throws FormatError naming the line: another number of ids or scores, not an id, an id outside the vocabulary
 */
export async function readGenerateText(
  source: Source,
  options: CodecsOptions = {},
): Promise<GeneratedSample[]> {
  const { length = DIGIT_GRID.cells } = options
  const found = { H: readings<Int32Array>(), D: readings<Int32Array>(), P: readings<Float32Array>() }
  let before: number | undefined
  let block = 0
  for await (const { line, text } of textLines(source)) {
    const [, letter, digits, rest] = LINE.exec(text.trimEnd()) ?? []
    if (letter === undefined) continue
    const id = Number(digits)
    if (id !== before) block++
    before = id
    const place = `${source.name}, line ${line}`
    if (letter === 'P') {
      found.P.add(id, block, () => positionalScores(rest!, length, place))
      continue
    }
    const [, tokens] = rest!.split('\t')
    if (tokens === undefined)
      throw new FormatError(place, 'invalid line (expected a score and tokens, separated by a tab)')
    found[letter as 'H' | 'D'].add(id, block, () => parseIds(tokens, place, options))
  }
  const { H, D, P } = found
  const ids = [...new Set([...H.ids(), ...D.ids()])].sort((a, b) => a - b)
  if (ids.length === 0)
    throw new FormatError(
      source.name,
      `not the output of fairseq-generate (no H- or D- lines; found ${await contentOf(source)})`,
    )
  const samples: GeneratedSample[] = []
  for (let shard = 0; ; shard++) {
    const rows = ids.flatMap((id) => {
      const tokens = D.get(id, shard) ?? H.get(id, shard)
      const logProbabilities = P.get(id, shard)
      return tokens ? [{ id, tokens, ...(logProbabilities ? { logProbabilities } : {}) }] : []
    })
    if (rows.length === 0) return samples
    samples.push(...rows)
  }
}

/**
 * Lines with the same letter: for each id, the first line of every block with that id; the others are further
 * hypotheses.
 */
function readings<T>() {
  const all = new Map<number, { values: T[]; block: number }>()
  return {
    add(id: number, block: number, read: () => T): void {
      const before = all.get(id)
      if (!before) all.set(id, { values: [read()], block })
      else if (before.block !== block) {
        before.values.push(read())
        before.block = block
      }
    },
    get: (id: number, shard: number): T | undefined => all.get(id)?.values[shard],
    ids: () => all.keys(),
  }
}

/** Whether the file starts like fairseq's output, not like `.codecs`, whose lines contain only numbers. */
export async function isGenerateText(source: Source): Promise<boolean> {
  const head = await source.read(0, Math.min(source.size, 4096))
  return !/^[\d\s]*$/.test(textDecoder(head, 'latin1').decode(head))
}

/** Base 2 -> natural; the score of the end of sentence, the last of length + 1, is dropped. */
function positionalScores(text: string, length: number, place: string): Float32Array {
  const words = text.trim().split(/\s+/)
  if (words.length !== length && words.length !== length + 1)
    throw new FormatError(
      place,
      `wrong number of scores (found ${words.length}, expected ${length}, or one more for the end of sentence)`,
    )
  return Float32Array.from(words.slice(0, length), (word, i) => {
    const score = word === '-inf' ? -Infinity : Number(word)
    if (Number.isNaN(score))
      throw new FormatError(place, `score ${i + 1}: not a number (found '${word.slice(0, 20)}')`)
    return score * Math.LN2
  })
}

/** Writes H, D and P lines; P has only the scores of the tokens, because no end of sentence is sampled here. */
export async function writeGenerateText(
  path: string,
  samples: AsyncIterable<Required<GeneratedSample>>,
): Promise<void> {
  await writeFileAtomic(path, generateLines(samples))
}

async function* generateLines(samples: AsyncIterable<Required<GeneratedSample>>): AsyncGenerator<Uint8Array> {
  for await (const { id, tokens, logProbabilities } of samples) {
    const scores = Array.from(logProbabilities, (value) => value / Math.LN2)
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
    const ids = codecsLine(tokens)
    const positional = scores.map((score) => score.toFixed(4)).join(' ')
    yield Buffer.from(`H-${id}\t${mean}\t${ids}\nD-${id}\t${mean}\t${ids}\nP-${id}\t${positional}\n`)
  }
}
