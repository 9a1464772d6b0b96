// The workspace folder -> the K-Means trainings in it:
//   codebooks/ID/request.json    what was asked and when, written before it is queued
//   codebooks/ID/kmeans.json     with what it is trained, and the report once it is done
//   codebooks/ID/km_K.npy        the codebook
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { RequestError } from '../../shared/errors.ts'
import { KMeansSpecSchema, RunIdSchema, type KMeansSpec } from '../../shared/run/run.ts'
import { writeFirstFile } from '../bytes/index.ts'
import { readJsonFile } from '../records/json-file.ts'
import { KMEANS_RECORD, KMeansRecordSchema, type KMeansRecord } from '../runs/kmeans/kmeans.ts'

/** Of `request.json`. */
export const KMeansFileSchema = z.object({ started: z.string(), spec: KMeansSpecSchema })

export interface FoundKMeans extends z.infer<typeof KMeansFileSchema> {
  readonly id: string
  readonly folder: string
  /** Absent before the work has started. */
  readonly record?: KMeansRecord
}

export function kmeansFolder(workspace: string, id: string): string {
  if (!RunIdSchema.safeParse(id).success) throw new RequestError(`'${id}': not the id of a codebook`)
  return join(workspace, 'codebooks', id)
}

export async function saveKMeansRequest(workspace: string, id: string, spec: KMeansSpec): Promise<void> {
  const request = { schema: 1, started: new Date().toISOString(), spec }
  await writeFirstFile(kmeansFolder(workspace, id), 'request.json', JSON.stringify(request, null, 2) + '\n')
}

export async function findKMeans(workspace: string): Promise<FoundKMeans[]> {
  const found: FoundKMeans[] = []
  for (const id of await readdir(join(workspace, 'codebooks')).catch(() => [])) {
    // An unreadable one must not hide the others.
    const one = RunIdSchema.safeParse(id).success
      ? await readKMeans(workspace, id).catch(() => undefined)
      : undefined
    if (one) found.push(one)
  }
  return found
}

/** Throws RequestError if there is none, FormatError if its files cannot be understood. */
export async function readKMeans(workspace: string, id: string): Promise<FoundKMeans> {
  const folder = kmeansFolder(workspace, id)
  const request = await readJsonFile(join(folder, 'request.json'), KMeansFileSchema)
  if (!request) throw new RequestError(`codebook '${id}' not found`)
  const record = await readJsonFile(join(folder, KMEANS_RECORD), KMeansRecordSchema)
  return { id, folder, ...request, ...(record ? { record } : {}) }
}
