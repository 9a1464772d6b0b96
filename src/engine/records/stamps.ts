// metrics.jsonl <-> the measurements in it. Lines are added and never changed: one that was removed from the list, or
// restored, is named by a later line of its own.
//   {"schema":1,"key":...,"results":{...},...}            a measurement
//   {"schema":1,"key":...,"listed":false,"timestamp":...}   not shown from here on
import * as z from 'zod'
import { StampSchema, type Stamp } from '../../shared/evaluation/evaluation.ts'
import { FormatError } from '../../shared/errors.ts'
import { resultName } from '../../shared/figures/metric-words.ts'
import { checkedData } from './json-file.ts'
import { appendLine, readLines } from './jsonl.ts'

export const METRICS_FILE = 'metrics.jsonl'

const ListingSchema = z.object({ key: z.string(), listed: z.boolean() })

export interface StampLine {
  readonly line: number
  readonly stamp: Stamp
  /** False for one that was removed from the list. */
  readonly listed: boolean
}

/** A line that is not a measurement, and why. */
export interface LeftOutLine {
  readonly line: number
  readonly problem: string
  /** The write was cut off: it never was a measurement. */
  readonly isCut: boolean
}

/** The listed measurements of a file in order; empty if there is no file. */
export async function readStamps(path: string): Promise<Stamp[]> {
  return (await readAllStamps(path)).stamps.filter(({ listed }) => listed).map(({ stamp }) => stamp)
}

/** All measurements, and the lines that cannot be read: one of these does not hide the others. */
export async function readAllStamps(
  path: string,
): Promise<{ readonly stamps: readonly StampLine[]; readonly leftOut: readonly LeftOutLine[] }> {
  const listed = new Map<string, boolean>()
  const found: { line: number; stamp: Stamp }[] = []
  const leftOut: LeftOutLine[] = []
  for (const line of await readLines(path)) {
    if ('problem' in line) {
      leftOut.push(line)
      continue
    }
    const listing = ListingSchema.safeParse(line.value).data
    if (listing) listed.set(listing.key, listing.listed)
    else
      try {
        found.push({ line: line.line, stamp: presentStamp(checkedData(line.value, StampSchema, path)) })
      } catch (error) {
        if (!(error instanceof FormatError)) throw error
        leftOut.push({ line: line.line, problem: error.message.slice(error.place.length + 2), isCut: false })
      }
  }
  return { stamps: found.map((one) => ({ ...one, listed: listed.get(one.stamp.key) ?? true })), leftOut }
}

/** With the results' present names: earlier records call the kernel distance of any network's features KID. */
const presentStamp = (stamp: Stamp): Stamp => ({
  ...stamp,
  results: Object.fromEntries(
    Object.entries(stamp.results).map(([name, value]) => [resultName(name, stamp.metric), value]),
  ),
})

/**
 * The last listed measurement that fits; undefined if there is none. Throws FormatError if a later line cannot be read,
 * because that line may be the last measurement.
 */
export async function lastListed(path: string, fits: (stamp: Stamp) => boolean): Promise<Stamp | undefined> {
  const { stamps, leftOut } = await readAllStamps(path)
  const last = stamps.findLast(({ stamp, listed }) => listed && fits(stamp))
  const later = leftOut.find(({ line, isCut }) => !isCut && line > (last?.line ?? 0))
  if (later) throw new FormatError(`${path}, line ${later.line}`, later.problem)
  return last?.stamp
}

/** Adds a measurement to the list or removes it. */
export async function listStamp(path: string, key: string, listed: boolean): Promise<void> {
  await appendLine(path, { schema: 1, key, listed, timestamp: Date.now() / 1000 })
}
