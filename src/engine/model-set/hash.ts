// Files -> sha256, computed once for each state of a file and stored in the cache folder.
import { join } from 'node:path'
import { ModelError } from '../../shared/errors.ts'
import { cacheFolder, readCachedJson, writeCachedJson } from './cache.ts'
import { fileToSha256 } from './file-hash.ts'
import { fileStamp, sameButForNames, type FoundFile } from './walk.ts'

export interface Hashes {
  /** Throws ModelError for a file that changes while it is read. */
  sha256(file: FoundFile): Promise<string>
  /** Saves new hashes for the next time. Rejects if the cache folder cannot be written. */
  save(): Promise<void>
}

/** Of the most recently used files. */
const MAX_REMEMBERED = 2000

/** Opens the hash cache. An unreadable cache is treated as empty: everything in it can be recomputed. */
export async function openHashes(folder = cacheFolder()): Promise<Hashes> {
  const path = join(folder, 'sha256.json')
  const known = parse(await readCachedJson(path))
  let changed = false
  return {
    async sha256(file) {
      const key = `${file.path}|${file.size}|${file.stamp}`
      const remembered = known.get(key)
      const hash = remembered ?? (await fileToSha256(file.path))
      if (remembered === undefined) await refuseChanged(file, hash)
      known.delete(key)
      known.set(key, hash)
      changed ||= remembered === undefined
      return hash
    },
    async save() {
      if (!changed) return
      const recent = [...known].slice(-MAX_REMEMBERED)
      await writeCachedJson(path, recent)
      changed = false
    },
  }
}

/** A second name for the file, as backups by hard links give it, changes its stamp but not the file. */
async function refuseChanged({ path, stamp }: FoundFile, hash: string): Promise<void> {
  const now = await fileStamp(path)
  if (now === stamp) return
  if (!sameButForNames(now, stamp) || (await fileToSha256(path)) !== hash)
    throw new ModelError(`${path}: changed while it was read`)
}

function parse(rows: unknown): Map<string, string> {
  const known = new Map<string, string>()
  for (const row of Array.isArray(rows) ? (rows as unknown[]) : [])
    if (Array.isArray(row) && typeof row[0] === 'string' && /^[0-9a-f]{64}$/.test(String(row[1])))
      known.set(row[0], String(row[1]))
  return known
}
