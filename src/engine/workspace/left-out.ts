// Records of the workspace that its lists leave out because they cannot be read, so that nobody takes them for deleted.
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import * as z from 'zod'
import { FormatError } from '../../shared/errors.ts'
import { subfolders } from '../bytes/index.ts'
import type { LeftOut } from '../../shared/evaluation/measurements.ts'
import { SelfTestReportSchema } from '../../shared/models/self-test.ts'
import { presentNames } from '../../shared/run/earlier-names.ts'
import { readJsonFile } from '../records/json-file.ts'
import { METRICS_FILE, readAllStamps } from '../records/stamps.ts'
import { cellFolder, SWEEP_RECORD, sweepFolder } from '../records/workspace.ts'
import { ATLAS_RECORD, AtlasRecordSchema } from '../runs/atlas/atlas-files.ts'
import { PROBE_RECORD, ProbeRecordSchema } from '../runs/linear-probe/linear-probe.ts'
import { findSweeps, SweepRecordSchema } from '../runs/sweep/sweep-record.ts'
import { KeptEvaluationSchema } from './evaluations.ts'
import { FavouritesSchema } from './favourites.ts'
import { SetRecordSchema } from './image-sets.ts'
import { KMEANS_RECORD, KMeansRecordSchema } from '../runs/kmeans/kmeans.ts'
import { LIKELIHOOD_RECORD, LikelihoodRecordSchema } from '../runs/likelihood/likelihood.ts'
import { LikelihoodFileSchema } from './likelihoods.ts'
import { KMeansFileSchema } from './trained-codebooks.ts'
import { ProbeRequestSchema } from './linear-probes.ts'
import { measurementFiles } from './measurements.ts'

const SWEEP = z.preprocess(presentNames, SweepRecordSchema)

/** Files of one record each; `*` is every file or folder. */
const RECORDS: readonly (readonly [string, z.ZodType])[] = [
  ['favourites.json', FavouritesSchema],
  ['self-test.json', SelfTestReportSchema],
  ['sets/*', SetRecordSchema],
  ['evaluations/*', KeptEvaluationSchema],
  ['probes/*/request.json', ProbeRequestSchema],
  [`probes/*/${PROBE_RECORD}`, ProbeRecordSchema],
  ['codebooks/*/request.json', KMeansFileSchema],
  [`codebooks/*/${KMEANS_RECORD}`, KMeansRecordSchema],
  ['likelihoods/*/request.json', LikelihoodFileSchema],
  [`likelihoods/*/${LIKELIHOOD_RECORD}`, LikelihoodRecordSchema],
  [`atlases/*/${ATLAS_RECORD}`, AtlasRecordSchema],
  [`sweeps/*/${SWEEP_RECORD}`, SWEEP],
  [`runs/*/${SWEEP_RECORD}`, SWEEP],
]

/** Measurements first, then by kind. */
export async function findLeftOut(workspace: string): Promise<LeftOut[]> {
  const found: LeftOut[] = []
  for (const path of [...(await measurementFiles(workspace)), ...(await cellFiles(workspace))])
    for (const { line, problem } of (await readAllStamps(path)).leftOut)
      found.push({ file: relative(workspace, path).split(sep).join('/'), line, problem })
  for (const [pattern, schema] of RECORDS)
    for (const file of await filesOf(workspace, pattern)) {
      const problem = await readJsonFile(join(workspace, file), schema).then(() => undefined, problemOf)
      if (problem !== undefined) found.push({ file, problem })
    }
  return found
}

/** Measurements of the cells of all sweeps. */
async function cellFiles(workspace: string): Promise<string[]> {
  const found: string[] = []
  for (const id of await findSweeps(workspace)) {
    const cells = cellFolder(sweepFolder(workspace, id), '')
    for (const name of await subfolders(cells).catch(() => [])) found.push(join(cells, name, METRICS_FILE))
  }
  return found
}

async function filesOf(workspace: string, pattern: string): Promise<string[]> {
  const [folder, inside] = pattern.split('/*')
  if (inside === undefined) return [pattern]
  const names = await readdir(join(workspace, folder!)).catch(() => [])
  return names
    .filter((name) => inside !== '' || name.endsWith('.json'))
    .sort()
    .map((name) => `${folder}/${name}${inside}`)
}

function problemOf(error: unknown): string {
  if (!(error instanceof FormatError)) throw error
  return error.message.slice(error.place.length + 2)
}
