// Bytes -> a file that is either all there or not there at all.
import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * Makes the file under another name in the same folder, flushes it, and then gives it its name, in the place of
 * what was there. `make` is handed the other name; when it fails, nothing stays behind.
 */
export async function makeAtomically(
  path: string,
  make: (temporary: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.part`)
  try {
    await make(temporary)
    const handle = await open(temporary, 'r+')
    await handle.sync().finally(() => handle.close())
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Writes the whole content at once, atomically. */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  await makeAtomically(path, async (temporary) => {
    const handle = await open(temporary, 'wx')
    await handle.writeFile(content).finally(() => handle.close())
  })
}
