// A folder and those above it, created with errors that a user can act on.
import { existsSync } from 'node:fs'
import { access, constants, mkdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { writeFileAtomic, writeReason } from './atomic-write.ts'

/** Throws RequestError with the folder and the reason if it cannot be created, or if a file has its name. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason =
      code === 'EEXIST'
        ? 'a file with this name exists'
        : (writeReason(await causeOf(error, path)) ?? (error as Error).message)
    throw new RequestError(`cannot create the folder ${path}: ${reason}`, { cause: error })
  }
}

/**
 * Writes the first file of a folder: a new folder has it from the moment it can be seen, so that a list made meanwhile does
 * not report it as missing. An existing folder is written into. Throws RequestError like `makeFolder`.
 */
export async function writeFirstFile(folder: string, file: string, data: string): Promise<void> {
  const isNew = !existsSync(folder)
  const list = dirname(folder)
  if (isNew) await makeFolder(list)
  // Outside the folder that is listed.
  const place = isNew ? join(dirname(list), `.new-${basename(folder)}`) : folder
  await makeFolder(place)
  await writeFileAtomic(join(place, file), data)
  if (!isNew) return
  try {
    await rename(place, folder)
  } catch (error) {
    throw new RequestError(
      `cannot create the folder ${folder}: ${writeReason(error) ?? (error as Error).message}`,
      {
        cause: error,
      },
    )
  }
}

/** Node reports ENOENT for what it cannot create: the nearest folder above that exists has the cause. */
async function causeOf(error: unknown, path: string): Promise<unknown> {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const problem = await access(folder, constants.W_OK).then(
      () => undefined,
      (problem: NodeJS.ErrnoException) => problem,
    )
    if (problem?.code !== 'ENOENT' || folder === dirname(folder)) return problem ?? error
  }
}
