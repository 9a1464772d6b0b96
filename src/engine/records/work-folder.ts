// Folder of long work other than images: one JSON record with its recipe, one process at a time, can be resumed.
import { join } from 'node:path'
import type { z } from 'zod'
import { makeFolder, sweepTemporaries, writeFileAtomic } from '../bytes/index.ts'
import { releaseLock, takeLock } from './folder-lock.ts'
import { readRecord, refuseOtherRecipe, type WorkRecord } from './recipe.ts'

export interface WorkFolder<R extends WorkRecord> {
  readonly path: string
  /** What an earlier session recorded. */
  readonly earlier: R | undefined
  saveRecord(record: R): Promise<void>
  /** Releases the folder lock. */
  close(): Promise<void>
}

/**
 * Opens or creates the folder for one process. Throws RequestError if another process uses it, if its record has
 * another recipe, or if it cannot be written.
 * @param name file name of the record: `dataset.json`
 */
export async function openWorkFolder<R extends WorkRecord>(
  path: string,
  name: string,
  schema: z.ZodType<R>,
  recipe: unknown,
): Promise<WorkFolder<R>> {
  await makeFolder(path)
  const lock = join(path, '.lock')
  await takeLock(lock)
  try {
    const recordPath = join(path, name)
    const earlier = await readRecord(recordPath, schema)
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
