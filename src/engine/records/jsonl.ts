// Results, one per line; lines are only appended.
import { open, readFile } from 'node:fs/promises'
import { parseJson } from '../../shared/plain-json.ts'

/** Appends a line, which is on disk when this resolves. An earlier truncated line stays separate. */
export async function appendLine(path: string, value: unknown): Promise<void> {
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

/** All complete lines; truncated lines and lines that are not JSON are skipped. Empty if there is no file. */
export async function readLines(path: string): Promise<unknown[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n').flatMap((line) => {
    try {
      return line.trim() === '' ? [] : [parseJson(line) as unknown]
    } catch {
      return []
    }
  })
}
