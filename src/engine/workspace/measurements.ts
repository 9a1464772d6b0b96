// The workspace folder -> the measurements in it. Files are the record:
//   runs/ID/metrics.jsonl            of a run's images
//   measurements/SET/metrics.jsonl   of the demo's pictures (demo), or of a set that a person added
import { join } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import type { Stamp } from '../../shared/evaluation/evaluation.ts'
import { RunIdSchema } from '../../shared/run/run.ts'
import { SetIdSchema, type SetSource } from '../../shared/evaluation/measurements.ts'
import { subfolders } from '../bytes/index.ts'
import { runFolder } from '../records/workspace.ts'
import { METRICS_FILE, readAllStamps } from '../records/stamps.ts'
import { sourceOfPath } from './image-sets.ts'

export interface FoundMeasurement {
  readonly id: string
  readonly samples: SetSource
  readonly reference?: SetSource
  readonly stamp: Stamp
  readonly listed: boolean
  /** The metrics.jsonl it is a line of. */
  readonly file: string
}

const DEMO = 'demo'
const ID_DIGITS = 16

/** The folder that measurements of these images are kept in. */
export function measurementFolder(workspace: string, samples: SetSource): string {
  if (samples.kind === 'run') return runFolder(workspace, samples.run)
  return join(workspace, 'measurements', samples.kind === 'demo' ? DEMO : samples.set)
}

/** Every measurement, newest first, including those removed from the list. */
export async function findMeasurements(workspace: string): Promise<FoundMeasurement[]> {
  const found: FoundMeasurement[] = []
  // One after another: a thousand files opened at once would leave no file handles for a current run.
  for (const source of await measuredSets(workspace)) found.push(...(await measurementsOf(workspace, source)))
  return found.sort((a, b) => b.stamp.timestamp - a.stamp.timestamp)
}

/** The files of all measurements. */
export async function measurementFiles(workspace: string): Promise<string[]> {
  return (await measuredSets(workspace)).map((source) => fileOf(workspace, source))
}

const fileOf = (workspace: string, samples: SetSource) =>
  join(measurementFolder(workspace, samples), METRICS_FILE)

async function measuredSets(workspace: string): Promise<SetSource[]> {
  const runs = await namesIn(join(workspace, 'runs'))
  const others = await namesIn(join(workspace, 'measurements'))
  return [
    ...runs.filter((run) => RunIdSchema.safeParse(run).success).map((run) => ({ kind: 'run', run }) as const),
    ...others.flatMap((name): SetSource[] => {
      if (name === DEMO) return [{ kind: 'demo' }]
      return SetIdSchema.safeParse(name).success ? [{ kind: 'set', set: name }] : []
    }),
  ]
}

/** Of these images. */
export async function measurementsOf(workspace: string, samples: SetSource): Promise<FoundMeasurement[]> {
  const file = fileOf(workspace, samples)
  return (await readAllStamps(file)).stamps.map(({ stamp, listed }) => {
    const reference = sourceOfPath(workspace, stamp.reference.path)
    return {
      id: measurementId(stamp.key),
      samples,
      ...(reference ? { reference } : {}),
      stamp,
      listed,
      file,
    }
  })
}

export const measurementId = (key: string): string => key.slice(0, ID_DIGITS)

async function namesIn(folder: string): Promise<string[]> {
  return subfolders(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new RequestError(`cannot read the workspace: ${error.message}`, { cause: error })
  })
}
