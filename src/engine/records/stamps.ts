// metrics.jsonl <-> the measurements in it. Lines are added and never changed: one that was removed from the list, or
// restored, is named by a later line of its own.
//   {"schema":1,"key":...,"results":{...},...}            a measurement
//   {"schema":1,"key":...,"listed":false,"timestamp":...}   not shown from here on
import { z } from 'zod'
import { StampSchema, type Stamp } from '../../shared/evaluation/evaluation.ts'
import { appendLine, readLines } from './jsonl.ts'

export const METRICS_FILE = 'metrics.jsonl'

const ListingSchema = z.object({ key: z.string(), listed: z.boolean() })

/** The listed measurements of a file in order; empty if there is no file. */
export async function readStamps(path: string): Promise<Stamp[]> {
  return (await readAllStamps(path)).filter(({ listed }) => listed).map(({ stamp }) => stamp)
}

/** All measurements, including those removed from the list. Other lines are skipped. */
export async function readAllStamps(
  path: string,
): Promise<{ readonly stamp: Stamp; readonly listed: boolean }[]> {
  const lines = await readLines(path)
  const listings = lines.flatMap((line) => ListingSchema.safeParse(line).data ?? [])
  const listed = new Map(listings.map((line) => [line.key, line.listed]))
  const stamps = lines.flatMap((line) => StampSchema.safeParse(line).data ?? [])
  return stamps.map((stamp) => ({ stamp, listed: listed.get(stamp.key) ?? true }))
}

/** Adds a measurement to the list or removes it. */
export async function listStamp(path: string, key: string, listed: boolean): Promise<void> {
  await appendLine(path, { schema: 1, key, listed, timestamp: Date.now() / 1000 })
}
