// A file, or one of a pack -> the sha256 of its bytes, read once.
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { readStored } from '../bytes/index.ts'

/** Two buffers of this size: one is read into while the other is hashed. */
const CHUNK_BYTES = 4 * 2 ** 20

/** Reads the file once, in order, with at most two chunks in memory. */
export async function fileToSha256(path: string): Promise<string> {
  const handle = await open(path, 'r').catch(() => undefined)
  if (!handle)
    return createHash('sha256')
      .update(await readStored(path))
      .digest('hex')
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
