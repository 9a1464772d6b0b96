// A JSON file that others may have written or changed -> data that its schema has checked.
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { z } from 'zod'
import { FormatError } from '../../shared/errors.ts'
import { fileProblem, readTextFile } from '../bytes/index.ts'
import { MAX_JSON_LENGTH, parseJson } from '../../shared/plain-json.ts'

/**
 * Undefined if there is no such file.
 * @param name in the error. @default the file's name
 * @throws FormatError naming the file and the field that is wrong
 */
export async function readJsonFile<T>(
  path: string,
  schema: z.ZodType<T>,
  name = basename(path),
): Promise<T | undefined> {
  const text = await readText(path, name)
  return text === undefined ? undefined : checkedJson(text, schema, name)
}

/** The same for text that was read already. */
export function checkedJson<T>(text: string, schema: z.ZodType<T>, name: string): T {
  let json: unknown
  try {
    json = parseJson(text)
  } catch (error) {
    throw new FormatError(name, `not valid JSON (${(error as Error).message})`)
  }
  return checkedData(json, schema, name)
}

export function checkedData<T>(json: unknown, schema: z.ZodType<T>, name: string): T {
  const { success, data, error } = schema.safeParse(json)
  if (success) return data
  const [{ path, message }] = error.issues as [z.core.$ZodIssue]
  throw new FormatError(name, path.length === 0 ? message : `${path.join('.')}: ${message}`)
}

/** Text of a file; undefined if there is none. Throws FormatError if it cannot be read or is too large for a record. */
export async function readText(path: string, name: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path)
    if (size > MAX_JSON_LENGTH)
      throw new FormatError(name, `too large (found ${size} bytes, expected at most ${MAX_JSON_LENGTH})`)
    return await readTextFile(path, name)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error instanceof FormatError ? error : new FormatError(name, fileProblem(error))
  }
}
