// Files on disk -> one zip archive, stored, because the files are already compressed. One piece is in memory at a time.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import yazl from 'yazl'
import { writeFileAtomic } from './atomic-write.ts'
import { failingWith } from './npz-stream.ts'

export interface ZippedFile {
  /** In the archive, folders with `/`. */
  readonly name: string
  readonly path: string
}

/** Atomic. Rejects with the signal's reason if aborted between two files, and if a file cannot be read. */
export async function writeZipFiles(
  path: string,
  files: readonly ZippedFile[],
  callbacks: { readonly signal: AbortSignal; progress(step: number): void },
): Promise<void> {
  const zip = new yazl.ZipFile()
  const output = failingWith(zip)
  for (const [i, file] of files.entries()) {
    const { mtime, mode, size } = await stat(file.path)
    zip.addReadStreamLazy(file.name, { mtime, mode, size, compress: false }, (give) => {
      callbacks.progress(i)
      if (callbacks.signal.aborted) return output.fail(callbacks.signal.reason as Error)
      give(null, output.input(createReadStream(file.path)))
    })
  }
  zip.end()
  await writeFileAtomic(path, output.stream)
}
