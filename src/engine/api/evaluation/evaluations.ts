// The part of the contract for measurements of the workspace: started, listed, and inspected.
import { basename, dirname } from 'node:path'
import type { HostApi } from '../../../shared/contract/api.ts'
import { RequestError } from '../../../shared/errors.ts'
import { referenceHasImages, type ProtocolName, type Stamp } from '../../../shared/evaluation/evaluation.ts'
import type { EvaluationApi, Measurement, SetSource } from '../../../shared/evaluation/measurements.ts'
import { estimateEvaluation } from '../../runs/evaluation/estimate.ts'
import { listStamp } from '../../records/stamps.ts'
import { findMeasurements, type FoundMeasurement } from '../../workspace/measurements.ts'
import { findLeftOut } from '../../workspace/left-out.ts'
import { setPath } from '../../workspace/image-sets.ts'
import { evaluationJobs, type ComparisonFields } from './evaluation-jobs.ts'
import type { EngineContext } from '../context.ts'
import { withoutFolders } from '../folders.ts'
import { imageSetCalls, withoutPlace } from './image-sets.ts'
import { nearestCalls } from './nearest.ts'
import { fileField, listProtocols, networkOf } from './protocols.ts'

export type EvaluationCalls = EvaluationApi & Pick<HostApi, 'addImages'>

interface Sets {
  readonly samples: SetSource
  readonly reference: SetSource
}

export function evaluationCalls(context: EngineContext): EvaluationCalls {
  const { workspace, modelsInUse, events } = context
  const find = async (id: string): Promise<FoundMeasurement> => {
    const found = (await findMeasurements(workspace)).find((measurement) => measurement.id === id)
    if (!found) throw new RequestError(`measurement '${id}' not found`)
    return found
  }
  const placesOf = async ({ samples, reference }: Sets) => ({
    images: await setPath(workspace, samples),
    reference: await setPath(workspace, reference),
  })
  const fieldsOf = async (asked: Sets & { readonly protocol: ProtocolName }): Promise<ComparisonFields> => {
    const models = modelsInUse()
    await networkOf(asked.protocol, models)
    const named = await fileField(asked.protocol, models)
    return { ...models.fields, ...named, ...(await placesOf(asked)), device: 'auto' }
  }
  const sets = imageSetCalls(workspace, events)
  const nearest = nearestCalls({ ...context, find, fieldsOf })
  const measured = async (id: string) => {
    const found = await find(id)
    events.measurementAdded(measurementForPage(found))
    if (referenceHasImages(found.stamp)) await nearest.startNearest(id).catch(() => {})
  }
  return {
    ...sets.calls,
    ...evaluationJobs({ ...context, fieldsOf, measured }),
    ...nearest,
    addImages: sets.add,
    listProtocols: async () => listProtocols(modelsInUse()),
    async estimateEvaluation({ samples, reference, protocol, size }) {
      const network = await networkOf(protocol, modelsInUse())
      const places = await placesOf({ samples, reference })
      const asked = { ...places, ...(size === undefined ? {} : { size }) }
      return withoutPlace(places.images, () =>
        withoutPlace(places.reference, () => estimateEvaluation(asked, network)),
      )
    },
    async listMeasurements() {
      return (await findMeasurements(workspace)).filter(({ listed }) => listed).map(measurementForPage)
    },
    listLeftOut: () => findLeftOut(workspace),
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
  }
}

const measurementForPage = ({ id, samples, reference, stamp }: FoundMeasurement): Measurement =>
  Object.freeze({ id, samples, ...(reference ? { reference } : {}), stamp: stampForPage(stamp) })

/** Files are named without their folders. */
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
