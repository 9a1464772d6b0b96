// One of several processes that race for a lock: `lock-racer.js FOLDER TRIES`. The owner creates a file that no other
// process may find, and abandons half of its locks like a killed process. Prints LockCounts.
import { randomBytes } from 'node:crypto'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { thisProcess } from '../../src/engine/bytes/index.ts'
import { RequestError } from '../../src/shared/errors.ts'
import { releaseLock, takeLock } from '../../src/engine/records/folder-lock.ts'

/** Results of attempts to take the lock. */
export interface LockCounts {
  held: number
  refused: number
  /** Taken while another process held it. */
  shared: number
}

const [folder = '.', tries = '1'] = process.argv.slice(2)
const lock = join(folder, '.lock')
const witness = join(folder, 'witness')
const counts: LockCounts = { held: 0, refused: 0, shared: 0 }

/** Leaves the lock like a killed process. */
async function abandon(): Promise<void> {
  const aside = `${lock}.abandoned-${process.pid}`
  const nonce = randomBytes(8).toString('hex')
  await writeFile(aside, JSON.stringify({ ...thisProcess(), start: 'of another', nonce }))
  await rename(aside, lock)
}

for (let n = 0; n < Number(tries); n++) {
  try {
    await takeLock(lock)
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    counts.refused++
    continue
  }
  counts.held++
  const mine = await open(witness, 'wx').catch(() => undefined)
  if (!mine) counts.shared++
  await mine?.close()
  if (mine) await rm(witness, { force: true })
  if (n % 2 === 0) await abandon()
  else await releaseLock(lock)
}
console.log(JSON.stringify(counts))
