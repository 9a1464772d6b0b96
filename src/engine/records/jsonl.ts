// Results, one per line; lines are only appended.
import { open, readFile } from 'node:fs/promises'
import { parseJson } from '../../shared/plain-json.ts'
import { editLocked } from './edit-lock.ts'
import { LockedError } from './folder-lock.ts'

/** A line of a file, counted from 1: its value, or why it has none. `isCut`: it was never written to its end. */
export type Line = { readonly line: number } & (
  | { readonly value: unknown }
  | { readonly problem: string; readonly isCut: boolean }
)

/**
 * Appends a line, which is on disk when this resolves. An earlier truncated line stays separate. A lock keeps machines
 * apart that share the disk, because NFS has no append: two of them would write to the same place.
 */
export async function appendLine(path: string, value: unknown): Promise<void> {
  try {
    await editLocked(`${path}.lock`, () => append(path, value))
  } catch (error) {
    if (!(error instanceof LockedError)) throw error
    // Left by a process that ended on another machine: a result is not lost for it.
    await append(path, value)
  }
}

async function append(path: string, value: unknown): Promise<void> {
  const before = await readFile(path).catch(() => Buffer.alloc(0))
  const torn = before.length > 0 && before.at(-1) !== 10
  const file = await open(path, 'a')
  try {
    await file.write(`${torn ? '\n' : ''}${JSON.stringify(value)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** All lines that are not empty; [] without a file. */
export async function readLines(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const lines = text.split('\n')
  return lines.flatMap((words, i): Line[] => {
    if (words.trim() === '') return []
    try {
      return [{ line: i + 1, value: parseJson(words) }]
    } catch (error) {
      // Every complete line ends with a line break.
      const isCut = i === lines.length - 1
      return [{ line: i + 1, problem: `not valid JSON (${(error as Error).message})`, isCut }]
    }
  })
}
