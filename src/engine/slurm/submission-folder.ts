// The folder of a submission, beside its results:
//   OUT/slurm/ID/submission.json     what was submitted, and the jobs of SLURM so far
//   OUT/slurm/ID/PHASE.sh            the script of each phase, as submitted
//   OUT/slurm/ID/PHASE-0003.log      output of a task, all of its starts one after another
//   OUT/slurm/ID/PHASE-0003.json     what the task last reported
//   OUT/slurm/ID/parts/              what one phase makes for the next
//   WORKSPACE/slurm/ID.json          where the folder is
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { FormatError, RequestError } from '../../shared/errors.ts'
import {
  SubmissionIdSchema,
  SubmissionSchema,
  TaskReportSchema,
  type Submission,
  type TaskReport,
} from '../../shared/slurm/submission.ts'
import { makeFolder, writeFileAtomic } from '../bytes/index.ts'
import { readJsonFile } from '../records/json-file.ts'

const RECORD = 'submission.json'
const PlaceSchema = z.object({ folder: z.string() })

export const submissionFolder = (out: string, id: string): string => join(out, 'slurm', id)

export const taskName = (phase: string, task: number): string => `${phase}-${String(task).padStart(4, '0')}`
export const scriptPath = (folder: string, phase: string): string => join(folder, `${phase}.sh`)
export const logPath = (folder: string, phase: string, task: number): string =>
  join(folder, `${taskName(phase, task)}.log`)

/** Undefined if there is none. Throws FormatError if it is damaged. */
export const readSubmission = (folder: string): Promise<Submission | undefined> =>
  readJsonFile(join(folder, RECORD), SubmissionSchema, join(folder, RECORD))

export async function saveSubmission(folder: string, submission: Submission): Promise<void> {
  await makeFolder(folder)
  await writeFileAtomic(join(folder, RECORD), JSON.stringify(submission, null, 2) + '\n')
}

/** Lists the submission in the workspace. */
export async function listSubmission(workspace: string, id: string, folder: string): Promise<void> {
  await makeFolder(join(workspace, 'slurm'))
  await writeFileAtomic(join(workspace, 'slurm', `${id}.json`), JSON.stringify({ folder }) + '\n')
}

/** Folder of a listed submission. Throws RequestError if it is not listed. */
export async function folderOf(workspace: string, id: string): Promise<string> {
  const isId = SubmissionIdSchema.safeParse(id).success
  const place = isId ? await readJsonFile(join(workspace, 'slurm', `${id}.json`), PlaceSchema) : undefined
  if (!place) throw new RequestError(`submission '${id}': not found in ${join(workspace, 'slurm')}`)
  return place.folder
}

/** Ids of the listed submissions. */
export async function listedSubmissions(workspace: string): Promise<string[]> {
  const names = await readdir(join(workspace, 'slurm')).catch(() => [])
  return names.flatMap((name) => (name.endsWith('.json') ? name.slice(0, -'.json'.length) : [])).sort()
}

/** Undefined before the task has started, or if the report is damaged. */
export async function readReport(
  folder: string,
  phase: string,
  task: number,
): Promise<TaskReport | undefined> {
  const path = join(folder, `${taskName(phase, task)}.json`)
  return readJsonFile(path, TaskReportSchema).catch((error: unknown) => {
    if (error instanceof FormatError) return undefined
    throw error
  })
}

export const saveReport = (folder: string, phase: string, task: number, report: TaskReport): Promise<void> =>
  writeFileAtomic(join(folder, `${taskName(phase, task)}.json`), JSON.stringify(report) + '\n')

/** Folders of the submissions with results in `out`. */
export async function submissionsOf(out: string): Promise<string[]> {
  const names = await readdir(join(out, 'slurm')).catch(() => [])
  return names.map((name) => submissionFolder(out, name))
}

/** Bytes of the end of a log that are read. */
const TAIL_BYTES = 64 * 1024

/** The last lines of a task's log; none if it has not started. */
export async function readLog(folder: string, phase: string, task: number): Promise<string[]> {
  const file = await open(logPath(folder, phase, task)).catch(() => undefined)
  if (!file) return []
  try {
    const { size } = await file.stat()
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES))
    await file.read(bytes, 0, bytes.length, size - bytes.length)
    const lines = bytes.toString('utf8').split('\n')
    return lines.filter((line, i) => line.trim() !== '' && (i > 0 || size <= TAIL_BYTES))
  } finally {
    await file.close()
  }
}
