// A measurement -> a short name: `FID 12.3 (torch-fidelity, n = 16)`.
import { METRIC_WORDS, metricWords } from '../figures/metric-words.ts'
import { PROTOCOL_TITLES, type Stamp } from './evaluation.ts'

export function stampName(stamp: Pick<Stamp, 'metric' | 'results' | 'samples' | 'extractor'>): string {
  const { metric, results, samples } = stamp
  const main = Object.keys(METRIC_WORDS).find((name) => name in results) ?? Object.keys(results)[0]
  const value = main === undefined ? 'no result' : `${metricWords(main, stamp)} ${rounded(results[main]!)}`
  return `${value} (${PROTOCOL_TITLES[metric]}${samples.n === undefined ? '' : `, n = ${samples.n}`})`
}

const rounded = (value: number): string => String(Number(value.toPrecision(4)))
