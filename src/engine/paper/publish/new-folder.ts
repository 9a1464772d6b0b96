// A folder that is written whole or not at all: made beside its place under another name, then moved there.
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ConflictError, RequestError } from '../../../shared/errors.ts'
import { explainWrite, makeFolder, writeFileAtomic } from '../../bytes/index.ts'
import { releaseLock, takeLock } from '../../records/folder-lock.ts'

/** The file that marks a folder as one of ours; only such a folder is ever replaced. */
export const MARK = 'published.json'
const LOCK = '.lock'

export interface NewFolder {
  /** Where files are written until `keep`. */
  readonly path: string
  /** Writes the mark and moves the folder to its place. */
  keep(mark: object): Promise<void>
  /** Removes everything that was written. */
  drop(): Promise<void>
}

/**
 * @throws ConflictError for an earlier publication, unless it may be replaced
 * @throws RequestError for a folder or file that is not one
 */
export async function newFolder(place: string, replace: boolean): Promise<NewFolder> {
  const to = resolve(place)
  await refuseOthers(to, replace)
  const path = join(dirname(to), `.${basename(to)}.publishing`)
  const left = await readdir(path).catch((): string[] => [])
  // Without a lock it is not what a process that was killed has left.
  if (left.length > 0 && !left.includes(LOCK))
    throw new RequestError(`${path}: contains files of others; move them elsewhere`)
  await makeFolder(path)
  await takeLock(join(path, LOCK))
  const drop = async () => {
    await releaseLock(join(path, LOCK))
    await rm(path, { recursive: true, force: true })
  }
  try {
    // What a process that was killed has left.
    for (const name of await readdir(path))
      if (name !== LOCK) await rm(join(path, name), { recursive: true, force: true })
  } catch (error) {
    await drop()
    throw explainWrite(error, path)
  }
  return {
    path,
    drop,
    async keep(mark) {
      await writeFileAtomic(join(path, MARK), `${JSON.stringify(mark, null, 2)}\n`)
      // Something else may have been put there meanwhile.
      await refuseOthers(to, replace)
      await releaseLock(join(path, LOCK))
      const aside = `${path}.old`
      const isThere = (await stat(to).catch(() => undefined)) !== undefined
      try {
        if (isThere) await rename(to, aside)
        await rename(path, to).catch(async (error: Error) => {
          if (isThere) await rename(aside, to)
          throw error
        })
      } catch (error) {
        throw explainWrite(error, to)
      }
      await rm(aside, { recursive: true, force: true })
    },
  }
}

async function refuseOthers(to: string, replace: boolean): Promise<void> {
  const there = await stat(to).catch(() => undefined)
  if (!there) return
  if (!there.isDirectory()) throw new RequestError(`${to}: a file, not a folder; choose another`)
  const names = await readdir(to)
  if (names.length === 0) return
  if (!names.includes(MARK))
    throw new RequestError(`${to}: contains files that are not of a published figure; choose another folder`)
  if (!replace) throw new ConflictError(`${to}: already exists`)
}
