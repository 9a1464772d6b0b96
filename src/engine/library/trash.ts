// Runs and sweeps taken out of the library: their folders move to the workspace's trash, and back.
import { mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { runFolder, sweepFolder } from './workspace.ts'

/** Moves a run to the trash. Throws RequestError where there is no such run, or its folder cannot be moved. */
export async function moveToTrash(workspace: string, id: string): Promise<void> {
  await move(runFolder(workspace, id), trashFolder(workspace, id), `there is no run '${id}'`)
}

/** Brings a run back. Throws RequestError where it is not in the trash, or another of its name is in the library. */
export async function moveFromTrash(workspace: string, id: string): Promise<void> {
  const to = runFolder(workspace, id)
  const taken = await stat(to).catch(() => undefined)
  if (taken) throw new RequestError(`run '${id}' is in the library already`)
  await move(trashFolder(workspace, id), to, `run '${id}' is not in the trash`)
}

/** The same for a sweep with all of its cells. */
export async function moveSweepToTrash(workspace: string, id: string): Promise<void> {
  await move(sweepFolder(workspace, id), trashFolder(workspace, id), `there is no sweep '${id}'`)
}

export async function moveSweepFromTrash(workspace: string, id: string): Promise<void> {
  const to = join(workspace, 'sweeps', id)
  const taken = await stat(to).catch(() => undefined)
  if (taken) throw new RequestError(`there is a sweep '${id}' already`)
  await move(trashFolder(workspace, id), to, `sweep '${id}' is not in the trash`)
}

/** Checks the id as `runFolder` does. */
function trashFolder(workspace: string, id: string): string {
  runFolder(workspace, id)
  return join(workspace, 'trash', id)
}

async function move(from: string, to: string, missing: string): Promise<void> {
  await mkdir(join(to, '..'), { recursive: true })
  try {
    await rename(from, to)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new RequestError(code === 'ENOENT' ? missing : `the folder cannot be moved: ${message}`, {
      cause: error,
    })
  }
}
