// `--pinned FILE`: tokens to use instead of sampling them.
import { readFile } from 'node:fs/promises'
import { SampleSpecSchema, type Pinned } from '../shared/run/run.ts'
import { UsageError } from './outcome.ts'
import { parseJson } from '../shared/plain-json.ts'

/**
 * A JSON array of `{"discriminative": [256 ids, -1 where sampled], "codes": [...]}`, or a single such object;
 * both grids are optional.
 */
export async function readPinned(path: string): Promise<Pinned[] | undefined> {
  const { success, data, error } = SampleSpecSchema.shape.pinned.safeParse(await readJson(path))
  if (success) return data
  const [{ path: field, message }] = error.issues as [(typeof error.issues)[number]]
  throw new UsageError(`--pinned ${path}: ${['entry', ...field].join(' ')}: ${message}`)
}

async function readJson(path: string): Promise<unknown> {
  try {
    const value: unknown = parseJson(await readFile(path, 'utf8'))
    return Array.isArray(value) ? value : [value]
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new UsageError(`--pinned ${path}: ${code === 'ENOENT' ? 'no such file' : message}`)
  }
}
