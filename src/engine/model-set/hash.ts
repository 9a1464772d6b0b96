// Files -> sha256, computed once for each state of a file and stored in the cache folder.
import { createHash } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../bytes/index.ts'
import { cacheFolder } from './cache.ts'
import type { FoundFile } from './walk.ts'
import { parseJson } from '../../shared/plain-json.ts'

export interface Hashes {
  sha256(file: FoundFile): Promise<string>
  /** Saves new hashes for the next time. Rejects if the cache folder cannot be written. */
  save(): Promise<void>
}

/** Two buffers of this size: one is read into while the other is hashed. */
const CHUNK_BYTES = 4 * 2 ** 20
/** Of the most recently used files. */
const MAX_REMEMBERED = 2000

/** Opens the hash cache. An unreadable cache is treated as empty: everything in it can be recomputed. */
export async function openHashes(folder = cacheFolder()): Promise<Hashes> {
  const path = join(folder, 'sha256.json')
  const known = await readFile(path, 'utf8').then(parse, () => new Map<string, string>())
  let changed = false
  return {
    async sha256(file) {
      const key = `${file.path}|${file.size}|${file.stamp}`
      const remembered = known.get(key)
      const hash = remembered ?? (await fileToSha256(file.path))
      known.delete(key)
      known.set(key, hash)
      changed ||= remembered === undefined
      return hash
    },
    async save() {
      if (!changed) return
      const recent = [...known].slice(-MAX_REMEMBERED)
      await mkdir(folder, { recursive: true })
      await writeFileAtomic(path, JSON.stringify(recent, null, 1))
      changed = false
    },
  }
}

/** Reads the file once, in order, with at most two chunks in memory. */
export async function fileToSha256(path: string): Promise<string> {
  const handle = await open(path, 'r')
  try {
    const hash = createHash('sha256')
    const buffers = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)] as const
    let reading = handle.read(buffers[0], 0, CHUNK_BYTES, 0)
    for (let turn = 0, position = 0; ; turn ^= 1) {
      const { bytesRead, buffer } = await reading
      if (bytesRead === 0) return hash.digest('hex')
      position += bytesRead
      reading = handle.read(buffers[turn === 0 ? 1 : 0], 0, CHUNK_BYTES, position)
      hash.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await handle.close()
  }
}

function parse(text: string): Map<string, string> {
  const known = new Map<string, string>()
  try {
    for (const row of parseJson(text) as unknown[])
      if (Array.isArray(row) && typeof row[0] === 'string' && /^[0-9a-f]{64}$/.test(String(row[1])))
        known.set(row[0], String(row[1]))
  } catch {
    known.clear()
  }
  return known
}
