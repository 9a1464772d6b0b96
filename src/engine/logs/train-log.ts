// fairseq's train.log (log_format: json) -> its numbers by key. Lines have a prefix of hydra and a JSON object with
// numbers as strings. Source: fairseq/logging/progress_bar.py, JsonProgressBar.
import { FormatError } from '../../shared/errors.ts'
import type { LogContents } from '../../shared/evaluation/training-logs.ts'
import { contentOf, headOf, textDecoder, type Source } from '../bytes/index.ts'
import { seriesTable } from './series.ts'
import { parseJson } from '../../shared/plain-json.ts'

const WINDOW = 2 ** 22
/** A line of statistics has about 500 characters. */
const MOST_LINE = 2 ** 20
/** Fields that give the position of a line and are not results. */
const PLACES = /^((train|valid|test)_)?(num_updates|epoch|update|wall|train_wall)$/

/** Throws FormatError for a file without any such line. */
export async function readTrainLog(source: Source): Promise<LogContents> {
  const table = seriesTable(source.name)
  let lines = 0
  for await (const line of linesOf(source)) {
    const found = statisticsIn(line)
    if (!found) continue
    lines++
    const number = (key: string) => {
      const value = found[key]
      return typeof value === 'string' || typeof value === 'number' ? Number(value) : NaN
    }
    const [prefix] = ['', 'train_', 'valid_', 'test_'].filter((start) => `${start}num_updates` in found)
    const step = prefix === undefined ? NaN : number(`${prefix}num_updates`)
    // `update` is the epoch with a fraction; lines at the end of an epoch have only the epoch.
    const epoch = 'update' in found ? number('update') : number('epoch')
    for (const key of Object.keys(found))
      if (!PLACES.test(key)) table.add(key, Number.isNaN(step) ? lines : step, number(key), epoch)
  }
  if (lines === 0)
    throw new FormatError(
      source.name,
      `no statistics found (found ${await contentOf(source)}, expected lines written by fairseq with log_format: json)`,
    )
  return { series: table.series(), notes: [] }
}

/** `[2024-...][train_inner][INFO] - {"epoch": 1, "update": 0.5, "loss": "8.2", ...}` */
function statisticsIn(line: string): Readonly<Record<string, unknown>> | undefined {
  const at = line.indexOf('{"')
  if (at < 0 || !line.trimEnd().endsWith('}')) return undefined
  try {
    const json = parseJson(withoutBareNaN(line.slice(at)))
    const isStatistics = typeof json === 'object' && json !== null && 'epoch' in json
    return isStatistics ? (json as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** `json.dumps` writes NaN and infinity as bare words, which are not JSON: those values are skipped, and the others kept. */
const withoutBareNaN = (json: string): string =>
  json.replace(
    /("(?:[^"\\]|\\.)*")|-?\b(?:NaN|Infinity)\b/g,
    (_, string: string | undefined) => string ?? 'null',
  )

async function* linesOf(source: Source): AsyncGenerator<string> {
  const decoder = textDecoder(await headOf(source))
  let rest = ''
  for (let at = 0; at < source.size; at += WINDOW) {
    const bytes = await source.read(at, Math.min(source.size, at + WINDOW))
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop()!
    if (rest.length > MOST_LINE)
      throw new FormatError(source.name, `not a train.log: line longer than ${MOST_LINE} characters`)
    yield* lines
  }
  // The last line of a current run may be truncated: then it is not JSON.
  if (rest !== '') yield rest
}
