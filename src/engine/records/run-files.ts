// request.json and run.json of a run folder -> the request, its time, and the models and device.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WorkspaceRun } from '../../shared/run/listed-run.ts'
import { FormatError } from '../../shared/errors.ts'
import { presentNames } from '../../shared/run/earlier-names.ts'
import { RunSpecSchema, type ReconstructSpec, type SampleSpec } from '../../shared/run/run.ts'
import { parseJson } from '../../shared/plain-json.ts'

/** Kinds of runs in the workspace. */
export type KeptSpec = SampleSpec | ReconstructSpec

/** Files and device of a run, from its run.json. */
export type MadeWith = Required<Pick<WorkspaceRun, 'models' | 'device'>> & Pick<WorkspaceRun, 'classNames'>

export interface AskedRun {
  /** ISO time. */
  readonly started: string
  /** Absent for a run of another kind. */
  readonly spec?: KeptSpec
  /** Absent before the run has started. */
  readonly made?: MadeWith
}

/** Throws FormatError with the file for incomplete files. */
export async function readAsked(folder: string): Promise<AskedRun> {
  const [request, run] = [await readJson(folder, 'request.json'), await readJson(folder, 'run.json')]
  const made = run && madeWith(run.json)
  // The request may have changed since the run started: a draft that was kept.
  const { file, json } = request ?? run ?? { file: 'request.json', json: {} }
  const broken = (problem: string) => new FormatError(file, problem)
  if (!request && !run) throw broken('missing, and so is run.json')
  const { started, spec } = json
  if (typeof started !== 'string' || Number.isNaN(Date.parse(started)))
    throw broken('start time of the run is missing')
  const { data } = RunSpecSchema.safeParse(spec)
  const kept = data?.kind === 'sample' || data?.kind === 'reconstruct' ? data : undefined
  if (!data && ['sample', 'reconstruct'].includes(String(object(spec).kind)))
    throw broken('invalid run specification')
  return { started, ...(kept ? { spec: kept } : {}), ...(made ? { made } : {}) }
}

/** Models and device of a run; undefined before it has started. */
export const readMadeWith = async (folder: string): Promise<MadeWith | undefined> => {
  const run = await readJson(folder, 'run.json')
  return run && madeWith(run.json)
}

/** Names and hashes without folders; undefined if the record has none. */
function madeWith({ models, device, classNames }: Json): MadeWith | undefined {
  const { provider, reason } = object(device)
  if (!Array.isArray(models) || typeof provider !== 'string') return undefined
  return {
    models: models.map((model) => {
      const { role, path, sha256 } = object(model)
      return { role: String(role), name: String(path).split(/[\\/]/).at(-1)!, sha256: String(sha256) }
    }),
    device: { provider, reason: String(reason) },
    ...(classNames === undefined ? {} : { classNames: namesIn(classNames) }),
  }
}

const namesIn = (names: unknown): Record<number, string> =>
  Object.fromEntries(Object.entries(object(names)).map(([index, name]) => [index, String(name)]))

type Json = Readonly<Record<string, unknown>>
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

/** Undefined if there is no such file. Throws FormatError if it is not a JSON object. */
async function readJson(folder: string, file: string): Promise<{ file: string; json: Json } | undefined> {
  const text = await readFile(join(folder, file), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const json: unknown = parseJson(text)
    if (typeof json === 'object' && json !== null) return { file, json: presentNames(json) as Json }
  } catch (error) {
    throw new FormatError(file, (error as Error).message)
  }
  throw new FormatError(file, 'not a JSON object')
}
