// The recipe of a folder -> whether work in it may continue.
import { readFile } from 'node:fs/promises'
import { RequestError } from '../../shared/errors.ts'
import { presentNames } from '../../shared/run/earlier-names.ts'
import { parseJson } from '../../shared/plain-json.ts'

/** Common part of the JSON records of work folders. */
export interface WorkRecord {
  readonly schema: 1
  /** Everything that determines the content. */
  readonly recipe: unknown
}

/**
 * The record at this path with present names, or undefined if there is none. Throws RequestError for one of another
 * program or version.
 */
export async function readRecord<R extends WorkRecord>(path: string): Promise<R | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    return undefined
  }
  try {
    const record = presentNames(parseJson(text)) as R
    if (record.schema !== 1)
      throw new Error(`unsupported schema (found ${String(record.schema)}, expected 1)`)
    return record
  } catch (error) {
    throw new RequestError(`${path}: cannot resume this run (${(error as Error).message})`)
  }
}

/** Throws RequestError with the first field in which two recipes differ. */
export function refuseOtherRecipe(path: string, there: unknown, here: unknown): void {
  const difference = firstDifference(there, here, '')
  if (difference)
    throw new RequestError(
      `${path}: contains a run with other settings (${difference.field} is ${difference.there} there, ${difference.here} here); choose another --out`,
    )
}

function firstDifference(
  a: unknown,
  b: unknown,
  field: string,
): { field: string; there: string; here: string } | undefined {
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const inner = firstDifference(
        (a as never)[key],
        (b as never)[key],
        field === '' ? key : `${field}.${key}`,
      )
      if (inner) return inner
    }
    return undefined
  }
  const shown = (value: unknown) => (value === undefined ? 'missing' : JSON.stringify(value))
  return a === b ? undefined : { field, there: shown(a), here: shown(b) }
}
