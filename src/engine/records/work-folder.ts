// Folder of long work that is not images: one JSON record with its recipe, one process at a time, resumed on
// request.
import { join } from 'node:path'
import { sweepTemporaries, writeFileAtomic } from '../bytes/index.ts'
import { makeFolder, releaseLock, takeLock } from './folder-lock.ts'
import { readRecord, refuseOtherRecipe, type WorkRecord } from './recipe.ts'

export interface WorkFolder<R extends WorkRecord> {
  readonly path: string
  /** What an earlier session recorded. */
  readonly earlier: R | undefined
  saveRecord(record: R): Promise<void>
  /** Gives the folder free for others. */
  close(): Promise<void>
}

/**
 * Opens or creates the folder for one process. Throws RequestError when another process works in it, when its record
 * has another recipe, or when it cannot be written.
 * @param name of the record: `dataset.json`
 */
export async function openWorkFolder<R extends WorkRecord>(
  path: string,
  name: string,
  recipe: unknown,
): Promise<WorkFolder<R>> {
  await makeFolder(path)
  const lock = join(path, '.lock')
  await takeLock(lock)
  try {
    const recordPath = join(path, name)
    const earlier = await readRecord<R>(recordPath)
    if (earlier) refuseOtherRecipe(recordPath, earlier.recipe, recipe)
    await sweepTemporaries(path)
    return {
      path,
      earlier,
      saveRecord: (record) => writeFileAtomic(recordPath, JSON.stringify(record, null, 2) + '\n'),
      close: () => releaseLock(lock),
    }
  } catch (error) {
    await releaseLock(lock)
    throw error
  }
}
