// A folder -> the folders in it, including links to folders.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Names in the order of readdir. Rejects like readdir; broken links are left out. */
export async function subfolders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true })
  const isFolder = await Promise.all(
    entries.map(async (entry) => {
      if (!entry.isSymbolicLink()) return entry.isDirectory()
      const target = await stat(join(path, entry.name)).catch(() => undefined)
      return target?.isDirectory() ?? false
    }),
  )
  return entries.flatMap(({ name }, i) => (isFolder[i] ? name : []))
}
