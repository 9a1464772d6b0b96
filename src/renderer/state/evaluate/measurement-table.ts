// Measurements -> the rows of their table: searched and sorted by any column; and text that identifies a protocol.
import type { Measurement } from '../../../shared/evaluation/measurements.ts'
import { METRIC_WORDS } from '../../../shared/figures/metric-words.ts'
import { samplesName, referenceName } from './measurements.ts'

export type SortKey = 'time' | 'samples' | 'reference' | 'protocol' | 'n' | (string & {})

export interface TableQuery {
  readonly sort: SortKey
  readonly descending: boolean
  readonly search: string
}

/** Metrics with a table column: the main ones that any measurement has. */
export const metricColumns = (all: readonly Measurement[]): string[] =>
  Object.keys(METRIC_WORDS)
    .filter((name) => !name.endsWith('_std') && name !== 'f_score')
    .filter((name) => all.some(({ stamp }) => stamp.results[name] !== undefined))

/** Absent for a spread. */
export function betterArrow(metric: string): string {
  const better = METRIC_WORDS[metric]?.better
  return better === undefined ? '' : better === 'lower' ? '↓' : '↑'
}
export const isLowerBetter = (metric: string): boolean => METRIC_WORDS[metric]?.better === 'lower'

export function tableQueryOf(query: Readonly<Record<string, string>>): TableQuery {
  const sort = query.sort ?? 'time'
  const isText = ['samples', 'reference', 'protocol'].includes(sort)
  const startsDown = !isText && !isLowerBetter(sort)
  return {
    sort,
    descending: query.order === undefined ? startsDown : query.order === 'down',
    search: query.q ?? '',
  }
}

/** Rows without a value come last in either order. */
export function rowsOf(all: readonly Measurement[], { sort, descending, search }: TableQuery): Measurement[] {
  const wanted = search.trim().toLowerCase()
  const text = (row: Measurement) =>
    `${samplesName(row)} ${referenceName(row)} ${row.stamp.metric}`.toLowerCase()
  const sign = descending ? -1 : 1
  return all
    .filter((row) => wanted === '' || text(row).includes(wanted))
    .sort((a, b) => {
      const [x, y] = [valueOf(a, sort), valueOf(b, sort)]
      if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined)
      return sign * (typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y))
    })
}

function valueOf(row: Measurement, key: SortKey): number | string | undefined {
  if (key === 'time') return row.stamp.timestamp
  if (key === 'samples') return samplesName(row)
  if (key === 'reference') return referenceName(row)
  if (key === 'protocol') return row.stamp.metric
  if (key === 'n') return row.stamp.samples.n
  return row.stamp.results[key]
}

/** A result with a readable number of digits: `4.27`, `0.0312`, `141.3`. */
export function resultWords(value: number | undefined): string {
  if (value === undefined) return '–'
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 1 : size > 1 ? 2 : 4).replace('-', '−')
}
