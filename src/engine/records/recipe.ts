// The recipe of a folder -> whether work in it may continue.
import * as z from 'zod'
import { FormatError, RequestError } from '../../shared/errors.ts'
import { presentNames } from '../../shared/run/earlier-names.ts'
import { readJsonFile } from './json-file.ts'

/** Common part of the JSON records of work folders. */
export interface WorkRecord {
  readonly schema: 1
  /** Everything that determines the content. */
  readonly recipe: unknown
}

/** Every record says by which version of its form it was written. */
export const recordVersion = z.literal(1, {
  error: ({ input }) => `unsupported version (found ${String(input)}, expected 1)`,
})

/**
 * The record at this path with current names, or undefined if there is none. Throws RequestError for one of another
 * program or version.
 */
export async function readRecord<R extends WorkRecord>(
  path: string,
  schema: z.ZodType<R>,
): Promise<R | undefined> {
  try {
    return await readJsonFile(path, z.preprocess(presentNames, schema), path)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    const problem = error.message.slice(error.place.length + 2)
    throw new RequestError(`${path}: cannot resume this run (${problem})`)
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
