// `--pinned FILE`: tokens to use instead of sampling them.
import { readText } from '../engine/records/json-file.ts'
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
    const text = await readText(path, path)
    if (text === undefined) throw new UsageError(`${path}: no such file`)
    const value: unknown = parseJson(text)
    return Array.isArray(value) ? value : [value]
  } catch (error) {
    const { message } = error as Error
    throw new UsageError(`--pinned ${message.startsWith(path) ? message : `${path}: ${message}`}`)
  }
}
