// The part of the contract for the real images nearest to each sample of a measurement.
import { dirname, join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import type { EvaluationApi, NearestState, SetSource } from '../../../shared/evaluation/measurements.ts'
import { readNearest, setsAsTheyWere } from '../../runs/evaluation/nearest.ts'
import type { FoundMeasurement } from '../../workspace/measurements.ts'
import type { EngineContext } from '../context.ts'
import { jobsOf } from '../jobs.ts'
import type { ComparisonFields } from './evaluation-jobs.ts'

export interface NearestOptions extends Pick<EngineContext, 'workspace' | 'queue' | 'openJobs' | 'events'> {
  readonly find: (measurement: string) => Promise<FoundMeasurement>
  readonly fieldsOf: (sets: {
    readonly samples: SetSource
    readonly reference: SetSource
    readonly protocol: FoundMeasurement['stamp']['metric']
  }) => Promise<ComparisonFields>
}

type NearestCalls = Pick<EvaluationApi, 'startNearest' | 'readNearest'>

export function nearestCalls(options: NearestOptions): NearestCalls {
  const { workspace, queue, openJobs, events, find, fieldsOf } = options
  const folderOf = (id: string) => join(workspace, 'nearest', id)
  const jobs = jobsOf<undefined, NearestState>({
    noun: 'search',
    line: queue.line,
    later: { open: openJobs, call: ({ id }) => ({ call: 'startNearest', args: [id] }) },
    show: (measurement, job) => ({ measurement, status: job!.status }),
    changed: events.nearestChanged,
  })
  return {
    async startNearest(id) {
      if (jobs.isOpen(id)) return
      const { samples, reference, stamp } = await find(id)
      if (!reference)
        throw new RequestError('the reference of this measurement is no longer in the list of image sets')
      const protocol = stamp.metric
      const fields = await fieldsOf({ samples, reference, protocol })
      const hidden = [workspace, dirname(fields.images), dirname(fields.reference)]
      const size = sizeOf(stamp.samples.crop)
      const sized = size === undefined ? {} : { size }
      const skipUnreadable = (stamp.samples.skipped ?? stamp.reference.skipped) !== undefined
      const asked = { ...fields, ...sized, out: folderOf(id), protocol, skipUnreadable }
      const step = queue.recipe({ kind: 'nearest', ...asked })
      if (!jobs.isOpen(id)) await jobs.start(id, { subject: undefined, steps: [step], hidden })
    },
    async readNearest(id) {
      const kept = await readNearest(folderOf(id))
      if (!kept) return undefined
      const { samples, reference, stamp } = await find(id)
      if (reference) {
        const { images, reference: real } = await fieldsOf({ samples, reference, protocol: stamp.metric })
        const changed = await setsAsTheyWere(kept.record, images, real)
        if (changed !== undefined)
          throw new RequestError(`${changed} has changed since it was measured; measure it again`)
      }
      return kept.found
    },
  }
}

/** The side to which images were resized, from the stamp. */
const sizeOf = (crop: string): number | undefined => {
  const side = /^Resize\((\d+),/.exec(crop)?.[1]
  return side === undefined ? undefined : Number(side)
}
