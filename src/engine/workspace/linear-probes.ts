// The workspace folder -> the linear probes in it:
//   probes/ID/request.json   what was asked and when, written before it is queued
//   probes/ID/probe.json     with what it is made, and every layer that is done (linear-probe.ts)
// Folders of `digit linear-probe` lie with the runs where nobody says otherwise.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { RequestError } from '../../shared/errors.ts'
import { ProbeSpecSchema, type ProbeSpec } from '../../shared/evaluation/linear-probe.ts'
import { RunIdSchema } from '../../shared/run/run.ts'
import { writeFirstFile } from '../bytes/index.ts'
import { readJsonFile } from '../records/json-file.ts'
import { PROBE_RECORD, ProbeRecordSchema, type ProbeRecord } from '../runs/linear-probe/linear-probe.ts'

/** Of `request.json`. */
export const ProbeRequestSchema = z.object({ started: z.string(), spec: ProbeSpecSchema })

export interface FoundProbe {
  readonly id: string
  readonly folder: string
  readonly started: string
  readonly spec: ProbeSpec
  /** Absent before the work has started. */
  readonly record?: ProbeRecord
}

export function probeFolder(workspace: string, id: string): string {
  if (!RunIdSchema.safeParse(id).success) throw new RequestError(`'${id}': not a linear probe id`)
  const among = join(workspace, 'runs', id)
  return existsSync(join(among, PROBE_RECORD)) ? among : join(workspace, 'probes', id)
}

export async function saveProbeRequest(workspace: string, id: string, spec: ProbeSpec): Promise<void> {
  const request = { schema: 1, started: new Date().toISOString(), spec }
  await writeFirstFile(probeFolder(workspace, id), 'request.json', JSON.stringify(request, null, 2) + '\n')
}

export async function findProbes(workspace: string): Promise<FoundProbe[]> {
  const named = (folder: string) => readdir(join(workspace, folder)).catch(() => [])
  const among = (await named('runs')).filter((id) => existsSync(join(workspace, 'runs', id, PROBE_RECORD)))
  const ids = [...new Set([...(await named('probes')), ...among])]
  const found: FoundProbe[] = []
  for (const id of ids) {
    // An unreadable one must not hide the others.
    const probe = RunIdSchema.safeParse(id).success
      ? await readProbe(workspace, id).catch(() => undefined)
      : undefined
    if (probe) found.push(probe)
  }
  return found.sort((a, b) => (a.started < b.started ? 1 : -1))
}

/** Throws RequestError if there is none, FormatError if its files cannot be understood. */
export async function readProbe(workspace: string, id: string): Promise<FoundProbe> {
  const folder = probeFolder(workspace, id)
  const request = await readJsonFile(join(folder, 'request.json'), ProbeRequestSchema)
  const record = await readJsonFile(join(folder, PROBE_RECORD), ProbeRecordSchema).catch((error: unknown) => {
    // What was requested is known; resuming it names the problem.
    if (request) return undefined
    throw error
  })
  const known = request ?? record
  if (!known) throw new RequestError(`linear probe '${id}' not found`)
  const { spec } = record ?? known
  return { id, folder, started: known.started, spec, ...(record ? { record } : {}) }
}
