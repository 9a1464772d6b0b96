// Files on disk -> one zip archive, stored, because the files are already compressed. One piece is in memory at a time.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import yazl from 'yazl'
import { writeFileAtomic } from './atomic-write.ts'

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
  // The writer below sees an error when it reads; without a listener here it would crash the process.
  const output = Readable.from(zip.outputStream).on('error', () => {})
  const fail = (error: Error) => void output.destroy(error)
  zip.on('error', fail)
  for (const [i, file] of files.entries()) {
    const { mtime, mode, size } = await stat(file.path)
    zip.addReadStreamLazy(file.name, { mtime, mode, size, compress: false }, (give) => {
      callbacks.progress(i)
      if (callbacks.signal.aborted) return fail(callbacks.signal.reason as Error)
      give(null, createReadStream(file.path).on('error', fail))
    })
  }
  zip.end()
  await writeFileAtomic(path, output)
}
