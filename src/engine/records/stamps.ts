// metrics.jsonl <-> the measurements in it. Lines are added and never changed: one that was removed from the list, or
// restored, is named by a later line of its own.
//   {"schema":1,"key":...,"results":{...},...}            a measurement
//   {"schema":1,"key":...,"listed":false,"timestamp":...}   not shown from here on
import type { Stamp } from '../../shared/evaluation/evaluation.ts'
import { appendLine, readLines } from './jsonl.ts'

export const METRICS_FILE = 'metrics.jsonl'

interface Listing {
  readonly key: string
  readonly listed: boolean
}

/** The listed measurements of a file in order; empty if there is no file. */
export async function readStamps(path: string): Promise<Stamp[]> {
  return (await readAllStamps(path)).filter(({ listed }) => listed).map(({ stamp }) => stamp)
}

/** All measurements, including those removed from the list. */
export async function readAllStamps(
  path: string,
): Promise<{ readonly stamp: Stamp; readonly listed: boolean }[]> {
  const lines = await readLines(path)
  const listed = new Map(lines.filter(isListing).map((line) => [line.key, line.listed]))
  return lines.filter(isStamp).map((stamp) => ({ stamp, listed: listed.get(stamp.key) ?? true }))
}

/** Adds a measurement to the list or removes it. */
export async function listStamp(path: string, key: string, listed: boolean): Promise<void> {
  await appendLine(path, { schema: 1, key, listed, timestamp: Date.now() / 1000 })
}

const isObject = (line: unknown): line is object => typeof line === 'object' && line !== null
const isListing = (line: unknown): line is Listing => isObject(line) && 'key' in line && 'listed' in line

function isStamp(line: unknown): line is Stamp {
  if (!isObject(line)) return false
  const { schema, key, results, timestamp } = line as Partial<Stamp>
  return schema === 1 && typeof key === 'string' && isObject(results) && typeof timestamp === 'number'
}
