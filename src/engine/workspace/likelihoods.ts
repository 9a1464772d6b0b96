// The workspace folder -> the likelihoods in it:
//   likelihoods/ID/request.json      what was asked and when, written before it is queued
//   likelihoods/ID/likelihood.json   with what it is computed, and the result once it is done
// Folders of `digit likelihood` are with the runs unless --out says otherwise.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { RequestError } from '../../shared/errors.ts'
import { LikelihoodSpecSchema, type LikelihoodSpec } from '../../shared/evaluation/likelihood.ts'
import { RunIdSchema } from '../../shared/run/run.ts'
import { writeFirstFile } from '../bytes/index.ts'
import { readJsonFile } from '../records/json-file.ts'
import {
  LIKELIHOOD_RECORD,
  LikelihoodRecordSchema,
  type LikelihoodRecord,
} from '../runs/likelihood/likelihood.ts'

/** Of `request.json`. */
export const LikelihoodFileSchema = z.object({ started: z.string(), spec: LikelihoodSpecSchema })

export interface FoundLikelihood {
  readonly id: string
  readonly folder: string
  readonly started: string
  readonly spec: LikelihoodSpec
  /** Absent before the work has started. */
  readonly record?: LikelihoodRecord
}

export function likelihoodFolder(workspace: string, id: string): string {
  if (!RunIdSchema.safeParse(id).success) throw new RequestError(`'${id}': not a likelihood id`)
  const among = join(workspace, 'runs', id)
  return existsSync(join(among, LIKELIHOOD_RECORD)) ? among : join(workspace, 'likelihoods', id)
}

export async function saveLikelihoodRequest(
  workspace: string,
  id: string,
  spec: LikelihoodSpec,
): Promise<void> {
  const request = { schema: 1, started: new Date().toISOString(), spec }
  await writeFirstFile(
    likelihoodFolder(workspace, id),
    'request.json',
    JSON.stringify(request, null, 2) + '\n',
  )
}

export async function findLikelihoods(workspace: string): Promise<FoundLikelihood[]> {
  const named = (folder: string) => readdir(join(workspace, folder)).catch(() => [])
  const isOne = (id: string) => existsSync(join(workspace, 'runs', id, LIKELIHOOD_RECORD))
  const ids = [...new Set([...(await named('likelihoods')), ...(await named('runs')).filter(isOne)])]
  const found: FoundLikelihood[] = []
  for (const id of ids) {
    // An unreadable one must not hide the others.
    const one = RunIdSchema.safeParse(id).success
      ? await readLikelihood(workspace, id).catch(() => undefined)
      : undefined
    if (one) found.push(one)
  }
  return found
}

/** Throws RequestError if there is none, FormatError if its files cannot be understood. */
export async function readLikelihood(workspace: string, id: string): Promise<FoundLikelihood> {
  const folder = likelihoodFolder(workspace, id)
  const request = await readJsonFile(join(folder, 'request.json'), LikelihoodFileSchema)
  const record = await readJsonFile(join(folder, LIKELIHOOD_RECORD), LikelihoodRecordSchema).catch(
    (error: unknown) => {
      // What was requested is known; resuming it names the problem.
      if (request) return undefined
      throw error
    },
  )
  const known = request ?? record
  if (!known) throw new RequestError(`likelihood '${id}' not found`)
  const { spec } = record ?? known
  return { id, folder, started: known.started, spec, ...(record ? { record } : {}) }
}
