// Runs, sweeps and verdicts removed from the library: their folders move to the workspace's trash, and back, or are deleted there.
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { RunIdSchema } from '../../shared/run/run.ts'
import { makeFolder, subfolders } from '../bytes/index.ts'
import {
  isVerdict,
  readRunIn,
  runFolder,
  SWEEP_RECORD,
  sweepFolder,
  verdictFolder,
  type FoundRun,
} from '../records/workspace.ts'

export interface FoundInTrash {
  readonly id: string
  readonly kind: 'run' | 'sweep' | 'verdict'
  /** ISO time it was started; of a sweep or verdict, when its folder was made. */
  readonly started: string
  /** Absent for a sweep or verdict. */
  readonly run?: FoundRun
  /** Of all its files. */
  readonly bytes: number
}

/**
 * Moves a run to the trash and returns its folder there. Throws RequestError if there is no such run, or its folder
 * cannot be moved.
 */
export async function moveToTrash(workspace: string, id: string): Promise<string> {
  const to = trashFolder(workspace, id)
  await move(runFolder(workspace, id), to, `run '${id}' not found`)
  return to
}

/**
 * Restores a run. Throws RequestError if it is not in the trash, or the library has another run with its
 * name.
 */
export async function moveFromTrash(workspace: string, id: string): Promise<void> {
  const to = runFolder(workspace, id)
  const taken = await stat(to).catch(() => undefined)
  if (taken) throw new RequestError(`run '${id}': already in the library`)
  await move(trashFolder(workspace, id), to, `run '${id}': not in the trash`)
}

/** The same for a sweep with all of its cells. */
export async function moveSweepToTrash(workspace: string, id: string): Promise<void> {
  await move(sweepFolder(workspace, id), trashFolder(workspace, id), `sweep '${id}' not found`)
}

export async function moveSweepFromTrash(workspace: string, id: string): Promise<void> {
  const to = join(workspace, 'sweeps', id)
  const taken = await stat(to).catch(() => undefined)
  if (taken) throw new RequestError(`sweep '${id}': already exists`)
  await move(trashFolder(workspace, id), to, `sweep '${id}': not in the trash`)
}

export async function moveVerdictToTrash(workspace: string, id: string): Promise<void> {
  await move(verdictFolder(workspace, id), trashFolder(workspace, id), `verdict '${id}' not found`)
}

export async function moveVerdictFromTrash(workspace: string, id: string): Promise<void> {
  const to = verdictFolder(workspace, id)
  const taken = await stat(to).catch(() => undefined)
  if (taken) throw new RequestError(`verdict '${id}': already exists`)
  await move(trashFolder(workspace, id), to, `verdict '${id}': not in the trash`)
}

/** The contents of the trash, newest first. */
export async function findInTrash(workspace: string): Promise<FoundInTrash[]> {
  const found: FoundInTrash[] = []
  for (const name of await subfolders(join(workspace, 'trash')).catch(() => [])) {
    if (!RunIdSchema.safeParse(name).success) continue
    const folder = trashFolder(workspace, name)
    const sweep = await stat(join(folder, SWEEP_RECORD)).catch(() => undefined)
    const kind = sweep ? 'sweep' : isVerdict(folder) ? 'verdict' : 'run'
    const run = kind === 'run' ? await readRunIn(folder, name) : undefined
    const started = run?.started ?? (sweep ?? (await stat(folder))).birthtime.toISOString()
    found.push({ id: name, kind, started, bytes: await folderBytes(folder), ...(run ? { run } : {}) })
  }
  return found.sort((a, b) => (a.started < b.started ? 1 : -1))
}

/**
 * Deletes a run or a sweep in the trash. Throws RequestError if its files cannot be deleted; remaining files
 * stay there.
 */
export async function deleteFromTrash(workspace: string, id: string): Promise<void> {
  try {
    await rm(trashFolder(workspace, id), { recursive: true, force: true, maxRetries: 3 })
  } catch (error) {
    throw new RequestError(`'${id}': cannot be deleted (${(error as Error).message})`, { cause: error })
  }
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  let bytes = 0
  for (const entry of entries)
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size
  return bytes
}

/** Checks the id as `runFolder` does. */
function trashFolder(workspace: string, id: string): string {
  runFolder(workspace, id)
  return join(workspace, 'trash', id)
}

async function move(from: string, to: string, missing: string): Promise<void> {
  await makeFolder(join(to, '..'))
  try {
    await rename(from, to)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new RequestError(code === 'ENOENT' ? missing : `cannot move the folder: ${message}`, {
      cause: error,
    })
  }
}
