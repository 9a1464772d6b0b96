// Pending measurements: evaluations/ID.json holds the request until it is measured or dismissed, so that one left by a
// killed process can be resumed. ID is a digest of the request.
import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { EvaluateRequestSchema, type EvaluateRequest } from '../../shared/evaluation/measurements.ts'
import { makeFolder, writeFileAtomic } from '../bytes/index.ts'
import { readJsonFile } from '../records/json-file.ts'

/** Of `evaluations/ID.json`. */
export const KeptEvaluationSchema = z.object({ request: EvaluateRequestSchema })

const folderOf = (workspace: string) => join(workspace, 'evaluations')
const fileOf = (workspace: string, id: string) => join(folderOf(workspace), `${id}.json`)

export const evaluationId = (request: EvaluateRequest): string =>
  createHash('sha256')
    .update(JSON.stringify(EvaluateRequestSchema.parse(request)))
    .digest('hex')
    .slice(0, 12)

export async function keepEvaluation(workspace: string, request: EvaluateRequest): Promise<void> {
  await makeFolder(folderOf(workspace))
  await writeFileAtomic(
    fileOf(workspace, evaluationId(request)),
    JSON.stringify({ schema: 1, request }, null, 2) + '\n',
  )
}

export const dropEvaluation = (workspace: string, id: string): Promise<void> =>
  rm(fileOf(workspace, id), { force: true })

/** What cannot be understood is left out. */
export async function keptEvaluations(workspace: string): Promise<EvaluateRequest[]> {
  const names = await readdir(folderOf(workspace)).catch(() => [])
  const requests = await Promise.all(
    names.map((name) =>
      readJsonFile(join(folderOf(workspace), name), KeptEvaluationSchema).catch(() => undefined),
    ),
  )
  return requests.flatMap((kept) => (kept ? [kept.request] : []))
}
