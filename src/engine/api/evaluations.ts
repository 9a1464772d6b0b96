// The part of the contract that is about measurements of the workspace.
import { basename, dirname } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import type { Stamp } from '../../shared/evaluation.ts'
import type { EvaluationApi, EvaluationEvents, Measurement } from '../../shared/workspace-evaluation.ts'
import { listStamp } from '../runs/evaluation/stamps.ts'
import { findMeasurements, type FoundMeasurement } from '../runs/workspace-measurements.ts'
import { withoutFolders } from './folders.ts'

export interface EvaluationOptions {
  readonly workspace: string
  readonly events: EvaluationEvents
}

export function evaluationCalls({ workspace, events }: EvaluationOptions): { readonly calls: EvaluationApi } {
  const find = async (id: string): Promise<FoundMeasurement> => {
    const found = (await findMeasurements(workspace)).find((measurement) => measurement.id === id)
    if (!found) throw new RequestError(`there is no measurement '${id}'`)
    return found
  }
  return {
    calls: {
      async listMeasurements() {
        return (await findMeasurements(workspace)).filter(({ listed }) => listed).map(measurementForPage)
      },
      async removeMeasurement(id) {
        const { file, stamp, listed } = await find(id)
        if (listed) await listStamp(file, stamp.key, false)
        events.measurementRemoved(id)
      },
      async restoreMeasurement(id) {
        const found = await find(id)
        if (!found.listed) await listStamp(found.file, found.stamp.key, true)
        events.measurementAdded(measurementForPage(found))
      },
    },
  }
}

const measurementForPage = ({ id, samples, reference, stamp }: FoundMeasurement): Measurement =>
  Object.freeze({ id, samples, ...(reference ? { reference } : {}), stamp: stampForPage(stamp) })

/** Files are named without the folders they lie in. */
function stampForPage(stamp: Stamp): Stamp {
  const { samples, reference, badges, models } = stamp
  const folders = [dirname(samples.path), dirname(reference.path)]
  return {
    ...stamp,
    samples: { ...samples, path: basename(samples.path) },
    reference: { ...reference, path: basename(reference.path) },
    badges: badges.map((badge) => withoutFolders(badge, folders)),
    ...(Array.isArray(models) ? { models: models.map(withoutFolder) } : {}),
  }
}

const withoutFolder = (model: unknown): unknown =>
  typeof model === 'object' && model !== null && 'path' in model
    ? { ...model, path: basename(String(model.path)) }
    : model
