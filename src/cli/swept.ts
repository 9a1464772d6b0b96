// The cells of a finished sweep -> what the command prints: a row a cell, with its settings and its metrics.
import { join } from 'node:path'
import { METRIC_WORDS, metricWords } from '../shared/figures/metric-words.ts'
import { lastStamp, readSweepRecord } from '../engine/runs/sweep/sweep-record.ts'
import { table } from './table.ts'

/** Digits of a metric: more would pretend to be known. */
const DIGITS = 5

/** The table, and the same as fields of the result; undefined if nothing was measured. */
export async function sweptCells(out: string) {
  const record = await readSweepRecord(out)
  const cells = await Promise.all(
    (record?.cells ?? []).map(async ({ name, values }) => {
      const stamp = await lastStamp(join(out, 'cells', name))
      return { name, values, stamp }
    }),
  )
  const stamps = cells.flatMap(({ stamp }) => stamp ?? [])
  const metrics = Object.keys(METRIC_WORDS).filter(
    (metric) => !metric.endsWith('_std') && stamps.some(({ results }) => results[metric] !== undefined),
  )
  if (metrics.length === 0) return undefined
  const axes = [...new Set(cells.flatMap(({ values }) => Object.keys(values)))]
  const text = table(
    [...axes, 'n', ...metrics.map((metric) => metricWords(metric, stamps[0]))],
    cells.map(({ values, stamp }) => [
      ...axes.map((axis) => String(values[axis] ?? '-')),
      String(stamp?.samples.n ?? '-'),
      ...metrics.map((metric) => numberText(stamp?.results[metric])),
    ]),
  )
  const fields = cells.map(({ name, values, stamp }) => ({
    folder: `cells/${name}`,
    values,
    ...(stamp ? { n: stamp.samples.n, protocol: stamp.metric, results: stamp.results } : {}),
  }))
  return { text, cells: fields }
}

const numberText = (value: number | undefined): string =>
  value === undefined ? '-' : String(Number(value.toPrecision(DIGITS)))
