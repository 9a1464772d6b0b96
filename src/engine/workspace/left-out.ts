// Records of the workspace that its lists leave out because they cannot be read, so that nobody takes them for deleted.
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { z } from 'zod'
import { FormatError } from '../../shared/errors.ts'
import type { LeftOut } from '../../shared/evaluation/measurements.ts'
import { readJsonFile } from '../records/json-file.ts'
import { readAllStamps } from '../records/stamps.ts'
import { KeptEvaluationSchema } from './evaluations.ts'
import { SetRecordSchema } from './image-sets.ts'
import { measurementFiles } from './measurements.ts'

/** Folders of JSON files, one record each. */
const FOLDERS: readonly (readonly [string, z.ZodType])[] = [
  ['sets', SetRecordSchema],
  ['evaluations', KeptEvaluationSchema],
]

/** In the order of their files. */
export async function findLeftOut(workspace: string): Promise<LeftOut[]> {
  const found: LeftOut[] = []
  for (const path of await measurementFiles(workspace))
    for (const { line, problem } of (await readAllStamps(path)).leftOut)
      found.push({ file: relative(workspace, path).split(sep).join('/'), line, problem })
  for (const [folder, schema] of FOLDERS) {
    const names = await readdir(join(workspace, folder)).catch(() => [])
    for (const name of names.filter((name) => name.endsWith('.json')).sort()) {
      const problem = await readJsonFile(join(workspace, folder, name), schema).then(
        () => undefined,
        problemOf,
      )
      if (problem !== undefined) found.push({ file: `${folder}/${name}`, problem })
    }
  }
  return found
}

function problemOf(error: unknown): string {
  if (!(error instanceof FormatError)) throw error
  return error.message.slice(error.place.length + 2)
}
